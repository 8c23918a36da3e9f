import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import { factsOf } from './facts.ts';
import { deviations } from './learned.ts';
import { baseName, type ProcessNode, type ProcessTree, processText } from './process-tree.ts';
import { runtimeOf } from './runtimes.ts';

/** `strong`: has no honest use in a workload. The others are signs that need company. */
export const STRONG_BEHAVIOURS = ['crypto-miner', 'reverse-shell', 'malware'] as const;
export const BEHAVIOURS = [
  ...STRONG_BEHAVIOURS,
  'download-and-run',
  'shell-from-service',
  'run-from-writable-directory',
  'written-then-run',
  'unlearned-activity',
] as const;
export type BehaviourName = (typeof BEHAVIOURS)[number];
export type StrongBehaviour = (typeof STRONG_BEHAVIOURS)[number];

/**
 * Something the workload did. `vendor`: the vendor's own classification of a detection; `observed`: what a process, file or
 * connection shows by itself. A verdict of malicious needs both kinds, or several of the second.
 */
export interface Behaviour {
  readonly name: BehaviourName;
  readonly basis: 'vendor' | 'observed';
  readonly items: readonly EvidenceItem[];
  readonly process?: ProcessNode;
}

export function isStrong(name: BehaviourName): name is StrongBehaviour {
  return STRONG_BEHAVIOURS.some((strong) => strong === name);
}

// Every pattern asks "does it occur anywhere": text an attacker adds can bring a pattern in, never take one away.
const MINER =
  /\b(?:xmrig|xmr-stak|minerd|cpuminer|cgminer|bfgminer|ethminer|nbminer|lolminer|phoenixminer|kinsing|kdevtmpfsi|kthreaddk|ccminer|nanominer|srbminer)|stratum\d?\+(?:tcp|ssl|tls|udp):|--donate-level|\brandomx\b|--coin[= ]monero/i;
const REVERSE_SHELL =
  /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat)\b[^|;]{0,200}\s-[a-z]*[ec]\b|\bsocat\b[^|;]{0,200}\bexec:|pty\.spawn|fsockopen\(|\bsocket\b[^|;]{0,400}\b(?:dup2|subprocess)\b/i;
const DOWNLOAD_AND_RUN = /\b(?:curl|wget)\b[^|]{0,600}\|\s*(?:sudo\s+)?(?:ba|da|z|k|a)?sh\b/i;
export const DOWNLOAD = /\b(?:curl|wget|aria2c|tftp|ftpget)\b[^|]{0,600}?\b(?:https?|ftp):\/\//i;
const WRITABLE_DIRECTORY = /^\/(?:tmp|dev\/shm|var\/tmp|run\/user)\//;
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'busybox']);

const MINER_CATEGORY = /crypto.?min/i;
const SHELL_CATEGORY = /reverse.?shell/i;
const MALWARE_CATEGORY = /malware|web.?shell|backdoor/i;

export function isShell(node: Pick<ProcessNode, 'path'>): boolean {
  return SHELLS.has(baseName(node.path));
}

export function behavioursOf(pack: EvidencePack, tree: ProcessTree): Behaviour[] {
  return [
    ...classifiedByVendor(pack),
    ...tree.nodes.flatMap((node) => ofProcess(pack, tree, node)),
    ...unlearned(pack),
  ];
}

function classifiedByVendor(pack: EvidencePack): Behaviour[] {
  return factsOf(pack, 'alert').flatMap(({ item, fact }) => {
    const name = strongCategory(fact.category);
    return name === undefined ? [] : [{ name, basis: 'vendor' as const, items: [item] }];
  });
}

/** By category only: the vendor's mapping to Resource Hijacking also stands at mere contacts with a listed address. */
function strongCategory(category: string): StrongBehaviour | undefined {
  if (MINER_CATEGORY.test(category)) return 'crypto-miner';
  if (SHELL_CATEGORY.test(category)) return 'reverse-shell';
  if (MALWARE_CATEGORY.test(category)) return 'malware';
  return undefined;
}

function ofProcess(pack: EvidencePack, tree: ProcessTree, node: ProcessNode): Behaviour[] {
  const text = visibleText(processText(node));
  const seen = (name: BehaviourName, items: readonly EvidenceItem[] = node.items): Behaviour => ({
    name,
    basis: 'observed',
    items,
    process: node,
  });
  const written = writesOf(pack, node);
  const service = serviceAbove(tree, node);
  return [
    ...(MINER.test(text) ? [seen('crypto-miner')] : []),
    ...(REVERSE_SHELL.test(text) ? [seen('reverse-shell')] : []),
    ...(DOWNLOAD_AND_RUN.test(text) ? [seen('download-and-run')] : []),
    ...(isShell(node) && service ? [seen('shell-from-service', [...node.items, ...service.items])] : []),
    ...(WRITABLE_DIRECTORY.test(node.path) ? [seen('run-from-writable-directory')] : []),
    ...(written.length > 0 ? [seen('written-then-run', [...node.items, ...written])] : []),
  ];
}

function writesOf(pack: EvidencePack, node: ProcessNode): EvidenceItem[] {
  return factsOf(pack, 'file-written')
    .filter(({ fact }) => fact.path === node.path && fact.path.startsWith('/'))
    .map(({ item }) => item);
}

/** The nearest process above that is a language runtime or server: the service whose child should not be a shell. */
export function serviceAbove(tree: ProcessTree, node: ProcessNode): ProcessNode | undefined {
  return tree
    .chain(node)
    .slice(1)
    .find((ancestor) => runtimeOf(ancestor.path) !== undefined);
}

function unlearned(pack: EvidencePack): Behaviour[] {
  return deviations(pack).map(({ items }) => ({ name: 'unlearned-activity', basis: 'observed', items }));
}
