import * as z from 'zod';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { AnalysisBody, Claim } from '../analysis.ts';
import { answeredClaimSchema } from './answer.ts';
import { Account, type Dropped, type Violation } from './claims.ts';
import { groundOf } from './ground.ts';
import type { Guard } from './rule.ts';
import { LIMITS } from './rules/v1-shape.ts';
import { wireSchema } from './wire.ts';

/** What every prompt that only tells asks for: summaries, explanations, a narrative. */
export const toldAnswerSchema = z.lazy(() =>
  z.object({ outcome: z.enum(['told', 'cannot_tell', 'declined']), claims: z.array(answeredClaimSchema) }),
);

export function toldAnswerJsonSchema(): Readonly<Record<string, unknown>> {
  return wireSchema(toldAnswerSchema);
}

export interface VerifiedTold {
  readonly claims: readonly Claim[];
  readonly dropped: Dropped;
  readonly violations: readonly Violation[];
}

/**
 * The claims that stand, by the rules every text of a model is held to. `refused`: nothing of the answer may be used.
 * @param most how many are read; a summary that does not end is none
 */
export function verifyTold(
  answer: unknown,
  pack: EvidencePack,
  judgement: AnalysisBody,
  guard: Guard,
  most: number,
): VerifiedTold | { readonly refused: string; readonly violations: readonly Violation[] } {
  const parsed = toldAnswerSchema.safeParse(answer);
  if (!parsed.success)
    return { refused: 'the answer has not the agreed shape', violations: [{ rule: 'V1', where: 'the answer' }] };
  const account = new Account({ ground: groundOf(pack), judgement, guard });
  const { outcome, claims } = parsed.data;
  const refused = account.refused(parsed.data) ?? (outcome === 'declined' ? 'the model declined to answer' : undefined);
  if (refused !== undefined) return { refused, violations: account.violations };
  const standing = outcome === 'cannot_tell' ? [] : claims;
  return {
    claims: account
      .claims(standing, most, { where: 'claim', max: LIMITS.text, cites: 'must' })
      .map(({ text, kind, evidence, entities, trust }) => ({
        text,
        kind,
        evidence: [...new Set(evidence)],
        entities: [...new Set(entities)],
        by: 'model' as const,
        ...(trust === undefined ? {} : { trust }),
      })),
    dropped: account.dropped,
    violations: account.violations,
  };
}
