import type { Behaviour } from '../analysis/rules/behaviours.ts';
import { isShell } from '../analysis/rules/behaviours.ts';
import { factsOf, quote } from '../analysis/rules/facts.ts';
import type { ProcessNode, ProcessTree } from '../analysis/rules/process-tree.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import type { Loader } from './loaded.ts';

/** What an exploit would have led to, and did happen: a process that the attacked one started and that does not belong there. */
export interface Consequence {
  /** `a shell`, `/tmp/.x/xmrig`. */
  readonly what: string;
  readonly loader: Loader;
  readonly items: readonly EvidenceItem[];
}

const FOREIGN: ReadonlySet<Behaviour['name']> = new Set([
  'crypto-miner',
  'reverse-shell',
  'malware',
  'download-and-run',
  'run-from-writable-directory',
  'written-then-run',
]);

/** The first sign, a shell before others, below one of the processes that load the package. */
export function consequenceOf(
  tree: ProcessTree,
  behaviours: readonly Behaviour[],
  loaders: readonly Loader[],
): Consequence | undefined {
  const shells = tree.nodes.filter((node) => isShell(node));
  const foreign = foreignProcesses(behaviours).filter((node) => !shells.includes(node));
  for (const node of [...shells, ...foreign]) {
    const loader = loaders.find((one) => startedBelow(tree, node, one));
    if (loader !== undefined)
      return {
        what: isShell(node) ? 'a shell' : quote(node.path),
        loader,
        items: [...loader.items, ...node.items],
      };
  }
  return undefined;
}

function foreignProcesses(behaviours: readonly Behaviour[]): ProcessNode[] {
  return [
    ...new Set(
      behaviours.flatMap(({ name, basis, process }) =>
        basis === 'observed' && process !== undefined && FOREIGN.has(name) ? [process] : [],
      ),
    ),
  ];
}

/** A chain that ends at a child of process 1 was started by the entry point of its container. */
function startedBelow(tree: ProcessTree, node: ProcessNode, loader: Loader): boolean {
  const chain = tree.chain(node);
  if (loader.node !== undefined) return chain.slice(1).includes(loader.node);
  const root = chain.at(-1) ?? node;
  const sameContainer = root.container === loader.container || root.container === '' || loader.container === '';
  return sameContainer && root.parentPid === 1;
}

/** Signs that somebody else's code runs in the workload, which is what a flaw of local use needs. */
export function foreignCode(behaviours: readonly Behaviour[]): readonly EvidenceItem[] {
  return behaviours
    .filter(({ name, basis }) => basis === 'observed' && (FOREIGN.has(name) || name === 'shell-from-service'))
    .flatMap(({ items }) => items);
}

const NOT_RUNTIME = /vulnerab|complian|misconfig/i;

/**
 * Detections of the vendor at run time that name the vulnerability in their title or rule. The message is left out: it may
 * quote a command line, which whoever writes it chooses.
 */
export function detectionsOf(pack: EvidencePack, cve: string): readonly EvidenceItem[] {
  const id = new RegExp(`(?<![A-Z0-9-])${cve.replace(/[^\w-]/g, '')}(?![\\d-])`, 'i');
  return factsOf(pack, 'alert')
    .filter(({ fact }) => !NOT_RUNTIME.test(fact.category) && (id.test(fact.title) || id.test(fact.rule ?? '')))
    .map(({ item }) => item);
}
