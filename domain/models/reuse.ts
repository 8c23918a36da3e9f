import type { ModelAnswer } from '../analysis/verify/answer.ts';
import type { Fact } from '../evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import { digestOf } from '../json/canonical.ts';

/**
 * When the same thing happens again, what a model wrote about it can be used again, with the particulars of this time in the
 * place of those of last time. The verifier judges the result as it judges any answer: this file only has to be useful.
 */

/** What there is more of each time the same thing happens; it must not make the same thing look new. */
const OF_THE_PAST: ReadonlySet<Fact['kind']> = new Set(['past-incident', 'linked-incident', 'anomaly']);

/** Two packs with the same likeness tell the same story at other times, in other processes and replicas. */
export function likenessOf(pack: EvidencePack, author: Readonly<Record<string, string>>): string {
  const stories = neutralItems(pack).map(({ story }) => story);
  return digestOf({ ...author, vendorSeverity: pack.vendorSeverity, stories: stories.sort() });
}

export interface Translated {
  readonly answer: ModelAnswer;
  /** How many of its sentences speak of evidence that is there again, of how many. */
  readonly kept: number;
  readonly of: number;
}

/** The answer with the ids and particulars of the new pack. Sentences about evidence that is not there again are left out. */
export function translateAnswer(answer: ModelAnswer, before: EvidencePack, now: EvidencePack): Translated {
  const dictionary = dictionaryOf(before, now);
  const narrative = answer.narrative.flatMap((claim) => dictionary.claim(claim) ?? []);
  return {
    answer: {
      ...answer,
      headline: dictionary.text(answer.headline, [...dictionary.evidence.keys()]),
      narrative,
      rootCause: answer.rootCause ? (dictionary.claim(answer.rootCause) ?? null) : null,
      techniques: answer.techniques.flatMap((one) => {
        const evidence = dictionary.ids(one.evidence);
        return evidence === undefined
          ? []
          : [{ ...one, rationale: dictionary.text(one.rationale, one.evidence), evidence }];
      }),
      unknowns: answer.unknowns.flatMap((one) => {
        const evidence = dictionary.ids(one.evidence);
        if (evidence === undefined) return [];
        const said = (text: string): string => dictionary.text(text, one.evidence);
        return [{ ...one, question: said(one.question), whyItMatters: said(one.whyItMatters), evidence }];
      }),
    },
    kept: narrative.length,
    of: answer.narrative.length,
  };
}

interface NeutralItem {
  readonly item: EvidenceItem;
  /** The text with a mark in the place of everything that is another each time. */
  readonly story: string;
  /** What stood there, in order. */
  readonly particulars: readonly string[];
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?`;

function neutralItems(pack: EvidencePack): readonly NeutralItem[] {
  const names = passingNames(pack);
  return pack.items
    .filter(({ fact }) => !OF_THE_PAST.has(fact.kind))
    .map((item) => {
      const particulars: string[] = [];
      const passing = new RegExp([TIME, ...[...names, ...passingNumbers(item.fact)].map(literal)].join('|'), 'g');
      const text = item.text.replace(passing, (found) => {
        particulars.push(found);
        return '\u0000';
      });
      return { item, story: `${item.part} ${item.fact.kind} ${item.trust} ${text}`, particulars };
    });
}

/** Names that a replica or a run gets for itself, the longest first so that none is cut by another. */
function passingNames(pack: EvidencePack): readonly string[] {
  const facts = pack.items.flatMap(({ fact }): (string | undefined)[] => {
    switch (fact.kind) {
      case 'alert':
        return [fact.findingUid];
      case 'confirmation':
        return [fact.vendorRecord];
      case 'container':
        return [fact.containerId];
      case 'pod':
        return [fact.name, fact.uid, fact.node, fact.ip];
      case 'node':
        return [fact.name, fact.uid];
      case 'controller':
        return [fact.uid];
      default:
        return [];
    }
  });
  const { workload } = pack;
  const own = workload.kind === 'pod' ? [workload.pod, workload.containerId, workload.host] : [];
  const names = [...facts, ...own].filter((name) => name !== undefined && name.length >= 4);
  return [...new Set(names)].flatMap((name) => name ?? []).sort((a, b) => b.length - a.length);
}

/** Process ids, and figures that a source counts anew each day. */
function passingNumbers(fact: Fact): readonly string[] {
  switch (fact.kind) {
    case 'process':
      return [fact.pid, fact.parentPid].flatMap((pid) => (pid === undefined ? [] : [String(pid)]));
    case 'file-written':
      return fact.byPid === undefined ? [] : [String(fact.byPid)];
    case 'exploit-knowledge': {
      const { epss } = fact;
      if (epss === undefined) return [];
      const { probability, percentile, on } = epss;
      return [on, (probability * 100).toFixed(1), ...(percentile === undefined ? [] : [(percentile * 100).toFixed(1)])];
    }
    default:
      return [];
  }
}

function literal(text: string): string {
  return `(?<![\\w.])${text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}(?![\\w])`;
}

function dictionaryOf(before: EvidencePack, now: EvidencePack) {
  const evidence = new Map<string, NeutralItem>();
  const particulars = new Map<string, ReadonlyMap<string, string>>();
  const entities = new Map<string, string>();
  const left = [...neutralItems(now)];
  for (const old of neutralItems(before)) {
    const at = left.findIndex(({ story }) => story === old.story);
    const [again] = at === -1 ? [] : left.splice(at, 1);
    if (again === undefined) continue;
    evidence.set(old.item.id, again);
    particulars.set(old.item.id, new Map(old.particulars.map((one, index) => [one, again.particulars[index] ?? one])));
    if (old.item.entities.length === again.item.entities.length)
      for (const [index, id] of old.item.entities.entries()) entities.set(id, again.item.entities[index] ?? id);
  }
  const ids = (cited: readonly string[]): string[] | undefined => {
    const found = cited.flatMap((id) => evidence.get(id)?.item.id ?? []);
    return found.length === cited.length ? found : undefined;
  };
  const text = (said: string, cited: readonly string[]): string => {
    const words = new Map(cited.flatMap((id) => [...(particulars.get(id) ?? [])]));
    if (words.size === 0) return said;
    const all = [...words.keys()].sort((a, b) => b.length - a.length).map(literal);
    return said.replace(new RegExp(all.join('|'), 'g'), (found) => words.get(found) ?? found);
  };
  return {
    evidence,
    ids,
    text,
    claim(claim: ModelAnswer['narrative'][number]): ModelAnswer['narrative'][number] | undefined {
      const cited = ids(claim.evidence);
      if (cited === undefined) return undefined;
      const named = claim.entities.flatMap((id) => entities.get(id) ?? []);
      return { ...claim, text: text(claim.text, claim.evidence), evidence: cited, entities: named };
    },
  };
}
