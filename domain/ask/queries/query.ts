import type { Analysis } from '../../analysis/analysis.ts';
import { claim, quote } from '../../analysis/rules/facts.ts';
import type { Investigation } from '../../analysis/rules/investigation.ts';
import type { EvidenceItem, EvidencePack, EvidencePartName } from '../../evidence/pack.ts';
import type { Findings, Sentence, Unknown } from '../answer.ts';
import type { Named } from '../subject.ts';

/** What a query is given. */
export interface Asked {
  readonly investigation: Investigation;
  readonly analysis: Pick<Analysis, 'vulnerabilities'>;
  /** What the question is about, where that can be found; else what the alert is about. */
  readonly named: Exclude<Named, { kind: 'absent' }> | undefined;
}

export type Query = (asked: Asked) => Findings;

/** More pieces of evidence than this behind one sentence are no help to whoever checks it. */
const MOST_CITED = 24;

/** A sentence on evidence: cleaned, and never without. */
export function say(text: string, items: readonly EvidenceItem[]): Sentence {
  const { evidence, kind, text: clean } = claim('observed', text, items.slice(0, MOST_CITED));
  return { text: clean, kind, evidence };
}

/** What could not be read of the parts that would hold the answer. */
export function gapsOf(pack: EvidencePack, ...parts: readonly EvidencePartName[]): Unknown[] {
  return pack.items.flatMap(({ id, part, fact }) =>
    fact.kind === 'gap' && parts.includes(part)
      ? [
          {
            text: `Not known: ${quote(fact.missing)}, because ${quote(fact.reason).replace(/\.$/, '')}.`,
            evidence: [id],
          },
        ]
      : [],
  );
}

/** Nothing found: what is missing, with what explains it or points to it. */
export function nothing(text: string, more: readonly Unknown[]): Findings {
  return {
    sentences: [],
    unknowns: [{ text, evidence: [] }, ...more.map((one) => ({ text: one.text, evidence: one.evidence }))],
  };
}
