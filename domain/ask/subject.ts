import { isShell } from '../analysis/rules/behaviours.ts';
import type { Investigation } from '../analysis/rules/investigation.ts';
import { baseName, type ProcessNode } from '../analysis/rules/process-tree.ts';
import { cleanText } from '../evidence/clean.ts';
import type { Entity, EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import type { Subject } from './answer.ts';

/** What a question names, found in the evidence. */
export type Named =
  | { readonly kind: 'process'; readonly node: ProcessNode }
  | { readonly kind: 'entity'; readonly entity: Entity }
  /** An address or a name of the network. */
  | { readonly kind: 'address'; readonly value: string; readonly item: EvidenceItem }
  | { readonly kind: 'cve'; readonly value: string; readonly item: EvidenceItem }
  /** Said so exactly that an answer about something else would be wrong, and the evidence has no such thing. */
  | { readonly kind: 'absent'; readonly what: string };

/**
 * What a question is about, if it says so: ids (`N3`, `E5`), process ids, paths, addresses, vulnerabilities and the names of
 * things in the evidence. Undefined: nothing that is known here, so it is about what the alert is about.
 */
export function namedIn(question: string, investigation: Investigation): Named | undefined {
  return byId(question, investigation) ?? byExactWord(question, investigation) ?? byName(question, investigation);
}

function byId(question: string, { pack, tree }: Investigation): Named | undefined {
  const [id] = /\b[EN][1-9]\d{0,4}\b/.exec(question) ?? [];
  if (id === undefined) return undefined;
  const item = pack.items.find((one) => one.id === id);
  const node = item && tree.nodes.find(({ items }) => items.includes(item));
  if (node !== undefined) return { kind: 'process', node };
  const entity = pack.entities.find((one) => one.id === (item?.entities[0] ?? id));
  if (entity !== undefined) return ofEntity(entity, tree.nodes);
  return item === undefined ? { kind: 'absent', what: id } : undefined;
}

/** A process entity stands for the process its evidence speaks of. */
function ofEntity(entity: Entity, nodes: readonly ProcessNode[]): Named {
  const node =
    entity.kind === 'process'
      ? nodes.find(({ items }) => items.some(({ entities }) => entities.includes(entity.id)))
      : undefined;
  return node === undefined ? { kind: 'entity', entity } : { kind: 'process', node };
}

const PID = /\b(?:pid|process(?: id)?|ppid)[ #:]{1,3}(\d{1,7})\b/i;
const CVE = /\b(?:CVE-\d{4}-\d{3,7}|GHSA(?:-[a-z0-9]{4}){3})\b/i;
const ADDRESS =
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/i;
const PATH = /(?<![\w/:.-])\/[\w.@+-]+(?:\/[\w.@+-]+)*/;

function byExactWord(question: string, investigation: Investigation): Named | undefined {
  const { pack, tree } = investigation;
  const pid = PID.exec(question)?.[1];
  if (pid !== undefined) {
    const node = preferred(
      tree.nodes.filter((one) => one.pid === Number(pid)),
      investigation,
    );
    return node === undefined ? absent(`process ${pid}`) : { kind: 'process', node };
  }
  const path = PATH.exec(question)?.[0].replace(/\.$/, '');
  if (path !== undefined) {
    const node = preferred(
      tree.nodes.filter((one) => one.path === path),
      investigation,
    );
    return node === undefined ? (entityOf(pack, ['file', 'process'], path) ?? absent(path)) : { kind: 'process', node };
  }
  const cve = CVE.exec(question)?.[0].toUpperCase();
  if (cve !== undefined) return cveOf(pack, cve) ?? absent(cve);
  const address = ADDRESS.exec(question)?.[0].toLowerCase();
  return address === undefined ? undefined : (addressOf(pack, address) ?? absent(address));
}

function cveOf(pack: EvidencePack, value: string): Named | undefined {
  const item = pack.items.find(
    ({ fact }) =>
      (fact.kind === 'vulnerability' || fact.kind === 'exploit-knowledge') && fact.cve.toUpperCase() === value,
  );
  return item && { kind: 'cve', value, item };
}

function addressOf(pack: EvidencePack, value: string): Named | undefined {
  const item = pack.items.find((one) => addressesIn(one).includes(value));
  return item && { kind: 'address', value, item };
}

/** Addresses and names a piece of evidence is about, in lower case. */
export function addressesIn({ fact }: EvidenceItem): readonly string[] {
  switch (fact.kind) {
    case 'connection':
      return [fact.destinationIp, ...(fact.sourceIp === undefined ? [] : [fact.sourceIp])].map(lower);
    case 'dns-query':
      return [lower(fact.domain)];
    case 'web-request':
      return fact.sourceIp === undefined ? [] : [lower(fact.sourceIp)];
    case 'threat-intel':
      return [lower(fact.indicator)];
    default:
      return [];
  }
}

function lower(text: string): string {
  return text.trim().toLowerCase();
}

function absent(what: string): Named {
  return { kind: 'absent', what: cleanText(what, { max: 120 }) };
}

function entityOf(pack: EvidencePack, kinds: readonly Entity['kind'][], name: string): Named | undefined {
  const wanted = name.toLowerCase();
  const entity = pack.entities.find(
    ({ kind, canonical }) => kinds.includes(kind) && canonical.toLowerCase() === wanted,
  );
  return entity && { kind: 'entity', entity };
}

/** Of several processes by one name: one the alert is about, else the first. */
function preferred(nodes: readonly ProcessNode[], { behaviours }: Investigation): ProcessNode | undefined {
  return (
    nodes.find((node) => behaviours.some(({ process }) => process === node)) ??
    nodes.find(({ items }) => items.some(({ part }) => part === 'alert-details')) ??
    nodes[0]
  );
}

/**
 * Words of questions. A process or file that is called like one of them is not meant by it: an attacker must not be able to
 * become what every question is about.
 */
const WORDS = new Set(
  `a about access account alert all allowed also an and any anything apply are as at be been before binary by call called can
   changed child cluster command connect connected connection connections container contact could cve cves deploy deployed
   deployment did do does domain else for from had has have how identity image in incident into is it its last list look
   make may me network no node not of on or other parent permissions please pod previous process program reach revision role
   run running runs same script service show spawned start started talk tell than that the their them then there these they
   this to token tree up use user uses version vulnerabilities vulnerable was were what when where which who whom with
   workload workloads you`.split(/\s+/),
);

function byName(question: string, investigation: Investigation): Named | undefined {
  const { tree, pack } = investigation;
  const words = question
    .split(/[\s"'`()?,;!]+/)
    .map((word) => word.replace(/^[.:]+|[.:]+$/g, '').toLowerCase())
    .filter((word) => word.length > 1 && !WORDS.has(word));
  for (const word of words) {
    const named = tree.nodes.filter(({ path }) => baseName(path).toLowerCase() === word);
    const node = preferred(named.length > 0 ? named : byTrade(word, investigation), investigation);
    if (node !== undefined) return { kind: 'process', node };
    const address = word.includes('.') ? addressOf(pack, word) : undefined;
    if (address !== undefined) return address;
    const entity = pack.entities.find(({ canonical, label }) => isCalled(word, canonical, label));
    if (entity !== undefined) return ofEntity(entity, tree.nodes);
  }
  return undefined;
}

/** `the shell`, `the miner`: processes by what they are. */
function byTrade(word: string, { tree, behaviours }: Investigation): readonly ProcessNode[] {
  if (word === 'shell') return tree.nodes.filter(isShell);
  if (word !== 'miner' && word !== 'cryptominer') return [];
  return behaviours.flatMap(({ name, process }) => (name === 'crypto-miner' && process ? [process] : []));
}

function isCalled(word: string, canonical: string, label: string): boolean {
  const names = [canonical.toLowerCase(), label.toLowerCase()];
  return names.some((name) => name === word || (word.length > 3 && name.endsWith(`/${word}`)));
}

export function subjectOf(named: Exclude<Named, { kind: 'absent' }>): Subject | undefined {
  if (named.kind === 'entity')
    return { kind: 'entity', id: named.entity.id, label: cleanText(named.entity.label, { max: 200 }) };
  if (named.kind !== 'process')
    return { kind: named.kind, id: named.item.id, label: cleanText(named.value, { max: 200 }) };
  const id = named.node.items[0]?.id;
  return id === undefined ? undefined : { kind: 'process', id, label: processLabel(named.node) };
}

/** What was spoken of before, if this pack still calls it so: a later analysis may number otherwise. */
export function recalled(subject: Subject | undefined, { pack, tree }: Investigation): Named | undefined {
  if (subject === undefined) return undefined;
  const named = found(subject, pack, tree.nodes);
  return named !== undefined && subjectOf(named)?.label === subject.label ? named : undefined;
}

function found(
  { kind, id, label }: Subject,
  pack: EvidencePack,
  nodes: readonly ProcessNode[],
): Exclude<Named, { kind: 'absent' }> | undefined {
  if (kind === 'entity') {
    const entity = pack.entities.find((one) => one.id === id);
    return entity && { kind, entity };
  }
  const item = pack.items.find((one) => one.id === id);
  if (item === undefined) return undefined;
  if (kind === 'address') return addressesIn(item).includes(label) ? { kind, value: label, item } : undefined;
  if (kind === 'cve') return { kind, value: label, item };
  const node = nodes.find(({ items }) => items.includes(item));
  return node && { kind, node };
}

export function processLabel({ pid, path }: ProcessNode): string {
  return `${pid === undefined ? '' : `${pid} `}${cleanText(path, { max: 200 })}`;
}
