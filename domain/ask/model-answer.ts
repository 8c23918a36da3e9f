import * as z from 'zod';
import type { AnalysisBody } from '../analysis/analysis.ts';
import { answeredClaimSchema } from '../analysis/verify/answer.ts';
import { Account, type Dropped, type Violation } from '../analysis/verify/claims.ts';
import { groundOf } from '../analysis/verify/ground.ts';
import type { Guard } from '../analysis/verify/rule.ts';
import { wireSchema } from '../analysis/verify/wire.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { Sentence, Unknown } from './answer.ts';

/** What a model is asked for when it is asked a question. */
export const askAnswerSchema = z.lazy(() =>
  z.object({
    outcome: z.enum(['answered', 'cannot_tell', 'declined']),
    claims: z.array(answeredClaimSchema),
    unknowns: z.array(z.object({ question: z.string(), evidence: z.array(z.string()) })),
  }),
);

export function askAnswerJsonSchema(): Readonly<Record<string, unknown>> {
  return wireSchema(askAnswerSchema);
}

export interface VerifiedAnswer {
  readonly sentences: readonly Sentence[];
  readonly unknowns: readonly Unknown[];
  readonly dropped: Dropped;
  readonly violations: readonly Violation[];
}

const MOST_CLAIMS = 12;
const MOST_UNKNOWNS = 6;
const MOST_CHARACTERS = 600;

/**
 * What of a model's answer stands on the evidence, by the rules every text of a model is held to. A string: nothing of it may
 * be used, for that reason.
 */
export function verifyAskAnswer(
  answer: unknown,
  pack: EvidencePack,
  analysis: AnalysisBody,
  guard: Guard,
): VerifiedAnswer | { readonly refused: string; readonly violations: readonly Violation[] } {
  const parsed = askAnswerSchema.safeParse(answer);
  if (!parsed.success)
    return { refused: 'the answer has not the agreed shape', violations: [{ rule: 'V1', where: 'the answer' }] };
  const account = new Account({ ground: groundOf(pack), judgement: analysis, guard });
  const { data } = parsed;
  const refused = account.refused(data) ?? (data.outcome === 'declined' ? 'the model declined to answer' : undefined);
  if (refused !== undefined) return { refused, violations: account.violations };
  const claims = account.claims(data.claims, MOST_CLAIMS, { where: 'claim', max: MOST_CHARACTERS, cites: 'must' });
  const unknowns = account.claims(
    data.unknowns.map(({ question, evidence }) => ({ text: question, kind: 'inferred', evidence, entities: [] })),
    MOST_UNKNOWNS,
    { where: 'unknown', max: MOST_CHARACTERS, cites: 'may' },
  );
  return {
    sentences:
      data.outcome === 'cannot_tell'
        ? []
        : claims.map(({ text, kind, evidence }) => ({ text, kind, evidence: unique(evidence) })),
    unknowns: unknowns.map(({ text, evidence }) => ({ text, evidence: unique(evidence) })),
    dropped: account.dropped,
    violations: account.violations,
  };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
