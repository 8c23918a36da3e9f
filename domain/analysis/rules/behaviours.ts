import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import { countedAnomalies } from './anomalies.ts';
import { factsOf } from './facts.ts';
import { knownMalicious } from './intelligence.ts';
import { deviations } from './learned.ts';
import { baseName, type ProcessNode, type ProcessTree, processText } from './process-tree.ts';
import { runtimeOf } from './runtimes.ts';

/** `strong`: has no honest use in a workload. The others are signs that need company. */
export const STRONG_BEHAVIOURS = ['container-escape', 'crypto-miner', 'reverse-shell', 'malware'] as const;
export const BEHAVIOURS = [
  ...STRONG_BEHAVIOURS,
  'download-and-run',
  'shell-from-service',
  'token-read',
  'credential-file-read',
  'interactive-shell',
  'run-from-writable-directory',
  'written-then-run',
  'known-malicious-contact',
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
/** The namespaces of process 1 are the host's; the others are the known ways from a container to its host's kernel or runtime. */
const CONTAINER_ESCAPE =
  /\bnsenter\b[^|;]{0,200}\s(?:-t|--target)[= ]?1\b|\bchroot\s+\/(?:host|hostfs|rootfs)\b|\/proc\/1\/root\/|\brelease_agent\b|\/proc\/sys\/kernel\/core_pattern\b/i;
/** Programs read their token from the file themselves; a command line that names it is somebody's hand. */
const TOKEN_READ = /\/var\/run\/secrets\/(?:kubernetes\.io|eks\.amazonaws\.com)\/serviceaccount\/[\w.-]*token\b/i;
/** Files that hold other people's credentials; what a program itself needs of them it reads without naming them on its command line. */
const CREDENTIAL_FILE =
  /\/etc\/(?:g?shadow|sudoers)\b|\/\.(?:aws\/credentials|kube\/config|docker\/config\.json|netrc|pgpass)\b|\/\.ssh\/id_\w+/i;
const DOWNLOAD_AND_RUN = /\b(?:curl|wget)\b[^|]{0,600}\|\s*(?:sudo\s+)?(?:ba|da|z|k|a)?sh\b/i;
/** From the machine itself or its link (probes, the metadata service) nothing is brought in. */
export const DOWNLOAD =
  /\b(?:curl|wget|aria2c|tftp|ftpget)\b[^|]{0,600}?\b(?:https?|ftp):\/\/(?!localhost(?![\w.-])|127\.|\[::1\]|169\.254\.)/i;
const WRITABLE_DIRECTORY = /^\/(?:tmp|dev\/shm|var\/tmp|run\/user)\//;
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'busybox']);

const MINER_CATEGORY = /crypto.?min/i;
const SHELL_CATEGORY = /reverse.?shell/i;
const ESCAPE_CATEGORY =
  /(?:container|pod).{0,20}(?:escape|breakout)|escape to host|Runtime\/CGroupsReleaseAgentModified/i;
const MALWARE_CATEGORY = /malware|web.?shell|backdoor/i;

export function isShell(node: Pick<ProcessNode, 'path'>): boolean {
  return SHELLS.has(baseName(node.path));
}

export function behavioursOf(pack: EvidencePack, tree: ProcessTree): Behaviour[] {
  return [
    ...classifiedByVendor(pack),
    ...tree.nodes.flatMap((node) => ofProcess(pack, tree, node)),
    ...knownElsewhere(pack, tree),
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
  if (ESCAPE_CATEGORY.test(category)) return 'container-escape';
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
    ...(CONTAINER_ESCAPE.test(text) ? [seen('container-escape')] : []),
    ...(TOKEN_READ.test(text) ? [seen('token-read')] : []),
    ...(CREDENTIAL_FILE.test(text) ? [seen('credential-file-read')] : []),
    ...(isShell(node) && node.interactive ? [seen('interactive-shell')] : []),
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

/** What intelligence sources know to be malicious (intelligence.ts). A file is malware; a contact is a sign that needs company. */
function knownElsewhere(pack: EvidencePack, tree: ProcessTree): Behaviour[] {
  return knownMalicious(pack, tree).map(({ what, items, process }) => ({
    name: what === 'file' ? 'malware' : 'known-malicious-contact',
    basis: 'observed',
    items,
    ...(process === undefined ? {} : { process }),
  }));
}

function unlearned(pack: EvidencePack): Behaviour[] {
  const seen = [...deviations(pack), ...countedAnomalies(pack).map(({ item }) => ({ items: [item] }))];
  return seen.map(({ items }) => ({ name: 'unlearned-activity', basis: 'observed', items }));
}
