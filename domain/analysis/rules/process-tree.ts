import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import { entitiesIn, factsOf, type Piece } from './facts.ts';

/** One process of one container, put together from every fact that speaks of it. */
export interface ProcessNode {
  readonly pid: number | undefined;
  readonly parentPid: number | undefined;
  readonly path: string;
  readonly commandLine: string | undefined;
  readonly user: string | undefined;
  readonly startedAt: string | undefined;
  readonly interactive: boolean;
  readonly items: readonly EvidenceItem[];
  /** Container entity the facts name; empty when they name none. */
  readonly container: string;
}

export interface ProcessTree {
  readonly nodes: readonly ProcessNode[];
  /** The process and what started it, up to where the evidence ends. Never longer than the tree, whatever the pids say. */
  chain(node: ProcessNode): readonly ProcessNode[];
}

/** Process ids are unique only inside one container, and only for a time: facts are one process if container, pid and path agree. */
export function processTree(pack: EvidencePack): ProcessTree {
  const nodes = mergedNodes(pack);
  const chain = (node: ProcessNode): readonly ProcessNode[] => {
    const path = [node];
    for (let current = node; ; ) {
      const parent = parentOf(nodes, current, path);
      if (parent === undefined) return path;
      path.push(parent);
      current = parent;
    }
  };
  return { nodes, chain };
}

function mergedNodes(pack: EvidencePack): ProcessNode[] {
  const merged = new Map<string, ProcessNode>();
  for (const piece of factsOf(pack, 'process')) {
    const container = entitiesIn(pack, piece.item, 'container')[0]?.id ?? '';
    const { pid, path } = piece.fact;
    const key = JSON.stringify(pid === undefined ? [piece.item.id] : [container, pid, path]);
    merged.set(key, merge(merged.get(key), piece, container));
  }
  return [...merged.values()];
}

/** The first fact wins, later ones fill what it left open. */
function merge(known: ProcessNode | undefined, { item, fact }: Piece<'process'>, container: string): ProcessNode {
  return {
    pid: known?.pid ?? fact.pid,
    parentPid: known?.parentPid ?? fact.parentPid,
    path: known?.path ?? fact.path,
    commandLine: known?.commandLine ?? fact.commandLine,
    user: known?.user ?? fact.user,
    startedAt: known?.startedAt ?? fact.startedAt,
    interactive: (known?.interactive ?? false) || (fact.interactive ?? false),
    items: [...(known?.items ?? []), item],
    container,
  };
}

function parentOf(
  nodes: readonly ProcessNode[],
  child: ProcessNode,
  seen: readonly ProcessNode[],
): ProcessNode | undefined {
  if (child.parentPid === undefined) return undefined;
  const candidates = nodes.filter(
    (node) =>
      node.pid === child.parentPid &&
      !seen.includes(node) &&
      (node.container === child.container || node.container === '' || child.container === '') &&
      !startedAfter(node, child),
  );
  // A reused pid: the process that started last before the child is the one that was alive.
  return candidates.reduce<ProcessNode | undefined>(
    (best, node) => (best === undefined || (node.startedAt ?? '') > (best.startedAt ?? '') ? node : best),
    undefined,
  );
}

function startedAfter(a: ProcessNode, b: ProcessNode): boolean {
  return a.startedAt !== undefined && b.startedAt !== undefined && Date.parse(a.startedAt) > Date.parse(b.startedAt);
}

/** Last part of a path. */
export function baseName(path: string): string {
  return path.trim().split('/').at(-1) ?? path;
}

/** What is looked at when a process is judged: its path and its command line. */
export function processText(node: Pick<ProcessNode, 'path' | 'commandLine'>): string {
  return `${node.path} ${node.commandLine ?? ''}`;
}
