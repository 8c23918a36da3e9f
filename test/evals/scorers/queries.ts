import type { FactKind } from '../../../domain/evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../../../domain/evidence/pack.ts';
import type { GoldenCase, Query } from '../golden/case.ts';

/**
 * Evidence an answer to the question must cite, of each group one piece at least (the alert and the record of the vendor may
 * both tell of one process); empty: the pack does not hold the answer. By the meaning of the question, not by code
 * that answers it.
 */
export function goldFor(query: Query, golden: GoldenCase, pack: EvidencePack): readonly (readonly string[])[] {
  const all = (wanted: (item: EvidenceItem) => boolean): string[] => pack.items.filter(wanted).map(({ id }) => id);
  const ids = (wanted: (item: EvidenceItem) => boolean): string[][] => all(wanted).map((id) => [id]);
  switch (query) {
    case 'connected':
      return ids(
        ({ fact }) => (fact.kind === 'connection' && fact.direction === 'outbound') || fact.kind === 'dns-query',
      );
    case 'changed':
      return ids(({ fact }) => fact.kind === 'revision' && fact.current && fact.createdAt <= firstAlert(pack));
    case 'same-image':
      return ids(({ fact }) => fact.kind === 'linked-incident' && fact.shared.some(({ what }) => what === 'image'));
    case 'cves':
      return ids(({ fact }) => fact.kind === 'vulnerability');
    case 'identity':
      return ids(
        ({ fact }) => fact.kind === 'service-account' || fact.kind === 'role-binding' || fact.kind === 'cloud-identity',
      );
    case 'spawned': {
      const { spawned } = golden.expected;
      if (spawned === undefined || spawned.by.length === 0) return [];
      const last = [spawned.process, ...spawned.by];
      return last
        .map((path) => all(({ fact }) => fact.kind === 'process' && fact.path === path))
        .filter((group) => group.length > 0);
    }
    default:
      return [];
  }
}

function firstAlert(pack: EvidencePack): string {
  const times = pack.items.flatMap(({ fact }) => (fact.kind === 'alert' ? [fact.occurredAt] : []));
  return times.sort()[0] ?? '';
}

/** Kinds that may be cited beside the gold: what a full answer also stands on. */
const BESIDE: Readonly<Record<Query, readonly FactKind[]>> = {
  spawned: ['process', 'container', 'alert', 'file-written', 'api-call'],
  connected: ['connection', 'dns-query', 'threat-intel', 'process', 'anomaly', 'learned-behaviour', 'alert'],
  changed: ['revision', 'alert', 'controller', 'ownership', 'anomaly', 'api-call', 'pod', 'file-written'],
  'same-image': ['linked-incident', 'container', 'image', 'pod', 'controller', 'vulnerability'],
  cves: [
    'vulnerability',
    'exploit-knowledge',
    'image',
    'container',
    'process',
    'security-context',
    'exposure',
    'service',
    'pod',
    'alert',
    'file-written',
  ],
  identity: ['service-account', 'role-binding', 'cloud-identity', 'pod', 'gap'],
};

export interface QueryAnswer {
  readonly answered: boolean;
  readonly citations: readonly string[];
}

export type QueryScore =
  | 'exact'
  | 'incomplete'
  | 'beside the point'
  | 'not answered'
  | 'rightly not answered'
  | 'made up';

/** Exact: all of the gold is cited, and nothing of a kind that has nothing to do with the question. */
export function scoreQuery(
  query: Query,
  gold: readonly (readonly string[])[],
  { answered, citations }: QueryAnswer,
  pack: EvidencePack,
): QueryScore {
  // What the gold does not know of (a process that no case names) may be answered all the same.
  if (gold.length === 0) return 'rightly not answered';
  if (!answered) return 'not answered';
  const kinds = new Map(pack.items.map(({ id, fact }) => [id, fact.kind]));
  if (citations.some((id) => !kinds.has(id))) return 'made up';
  if (!gold.every((group) => group.some((id) => citations.includes(id)))) return 'incomplete';
  const allowed: ReadonlySet<FactKind | undefined> = new Set(BESIDE[query]);
  return citations.every((id) => gold.some((group) => group.includes(id)) || allowed.has(kinds.get(id)))
    ? 'exact'
    : 'beside the point';
}
