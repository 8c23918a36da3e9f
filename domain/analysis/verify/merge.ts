import type { EvidencePack } from '../../evidence/pack.ts';
import type { AnalysisBody, Claim } from '../analysis.ts';
import { type Dropped, type Guard, type VerifierRule, type Violation, verifyAnswer } from './verify.ts';

export interface Merged {
  readonly body: AnalysisBody;
  readonly dropped: Dropped;
  /** What a repair turn would ask for (repair.ts). */
  readonly violations: readonly Violation[];
  /** Why nothing of the model's answer was used; absent when something was. */
  readonly fallback?: string;
}

/**
 * The rules' analysis, told in the model's words where those stand on the evidence. Only headline, narrative, root cause,
 * unknowns and the rationale of techniques can come from the model, and each says who wrote it; everything that leads to an
 * action is the rules', byte for byte (rule 1).
 */
export function merge(
  rules: AnalysisBody,
  answer: unknown,
  pack: EvidencePack,
  guard: Guard,
  verifier?: readonly VerifierRule[],
): Merged {
  const verified = verifyAnswer(answer, pack, rules, guard, verifier);
  const { dropped, violations } = verified;
  if (!verified.ok) return { body: rules, dropped, violations, fallback: verified.reason };
  if (verified.narrative.length === 0)
    return { body: rules, dropped, violations, fallback: 'no sentence of the answer stands on the evidence' };
  const { headline, narrative, rootCause, unknowns, rationales } = verified;
  // Another hypothesis does not make that of the rules disappear.
  const second = rootCause !== undefined && rules.rootCause ? [rules.rootCause] : [];
  const kept = [...second, ...rules.narrative].filter((claim) => !isTold(claim, narrative));
  return {
    body: {
      ...rules,
      headline: headline ?? rules.headline,
      headlineBy: headline === undefined ? 'rules' : 'model',
      narrative: [...narrative, ...kept.map(byRules)],
      ...(rootCause === undefined ? labelled(rules.rootCause) : { rootCause }),
      techniques: rules.techniques.map((technique) => {
        const rationale = rationales.get(technique.id);
        return rationale === undefined
          ? { ...technique, by: 'rules' as const }
          : { ...technique, rationale, by: 'model' as const };
      }),
      // Gaps stay named, whatever the model makes of them.
      unknowns: [
        ...rules.unknowns.map((unknown) => ({ ...unknown, by: 'rules' as const })),
        ...unknowns.map((unknown) => ({ ...unknown, by: 'model' as const })),
      ],
    },
    dropped,
    violations,
  };
}

function byRules(claim: Claim): Claim {
  return { ...claim, by: 'rules' };
}

function labelled(rootCause: AnalysisBody['rootCause']): Pick<AnalysisBody, 'rootCause'> {
  if (rootCause === undefined) return {};
  return { rootCause: rootCause === null ? null : byRules(rootCause) };
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
