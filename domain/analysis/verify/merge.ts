import type { EvidencePack } from '../../evidence/pack.ts';
import type { AnalysisBody, Claim } from '../analysis.ts';
import { type Dropped, type Guard, verifyAnswer } from './verify.ts';

export interface Merged {
  readonly body: AnalysisBody;
  readonly dropped: Dropped;
  /** Why nothing of the model's answer was used; absent when something was. */
  readonly fallback?: string;
}

/**
 * The rules' analysis, told in the model's words where those stand on the evidence. Only headline, narrative, unknowns and
 * the rationale of techniques can come from the model; everything that leads to an action is the rules', byte for byte (rule 1).
 */
export function merge(rules: AnalysisBody, answer: unknown, pack: EvidencePack, guard: Guard): Merged {
  const verified = verifyAnswer(answer, pack, rules, guard);
  if (!verified.ok) return { body: rules, dropped: verified.dropped, fallback: verified.reason };
  if (verified.narrative.length === 0)
    return { body: rules, dropped: verified.dropped, fallback: 'no sentence of the answer stands on the evidence' };
  return {
    body: {
      ...rules,
      headline: verified.headline ?? rules.headline,
      narrative: [...verified.narrative, ...rules.narrative.filter((claim) => !isTold(claim, verified.narrative))],
      techniques: rules.techniques.map((technique) => ({
        ...technique,
        rationale: verified.rationales.get(technique.id) ?? technique.rationale,
      })),
      // Gaps stay named, whatever the model makes of them.
      unknowns: [...rules.unknowns, ...verified.unknowns],
    },
    dropped: verified.dropped,
  };
}

/** A claim that cites half the pack tells nothing in particular. */
const MAX_CITED = 6;

/**
 * A sentence of the rules gives way only to one of the model that cites all its evidence and names all its entities:
 * a model that leaves something out must not make it disappear.
 */
function isTold(claim: Claim, narrative: readonly Claim[]): boolean {
  return narrative.some(
    ({ evidence, entities }) =>
      evidence.length <= MAX_CITED &&
      claim.evidence.every((id) => evidence.includes(id)) &&
      claim.entities.every((id) => entities.includes(id)),
  );
}
