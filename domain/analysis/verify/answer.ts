import * as z from 'zod';
import { verdictSchema } from '../analysis.ts';
import { wireSchema } from './wire.ts';

/** A sentence as every prompt asks for it. */
export const answeredClaimSchema = z.object({
  text: z.string(),
  kind: z.enum(['observed', 'inferred']),
  evidence: z.array(z.string()),
  entities: z.array(z.string()),
});
export type AnsweredClaim = z.infer<typeof answeredClaimSchema>;

/**
 * What a model is asked for. It tells the story and may have an opinion; it is not asked for severity, vulnerabilities or
 * actions, because nothing it said about them would be used (rule 1). Every field is asked for and no limit is in the
 * schema, which keeps it within what all providers accept; the limits are rule V1's.
 */
export const modelAnswerSchema = z.lazy(() =>
  z.object({
    outcome: z.enum(['analysed', 'insufficient_evidence', 'declined']),
    headline: z.string(),
    /** Recorded when it differs from the rules' verdict; decides nothing. */
    verdict: verdictSchema,
    narrative: z.array(answeredClaimSchema),
    /** What most likely came before it all. Asked for, but an answer without it is read like one with null. */
    rootCause: answeredClaimSchema.nullable().optional(),
    techniques: z.array(z.object({ id: z.string(), rationale: z.string(), evidence: z.array(z.string()) })),
    unknowns: z.array(z.object({ question: z.string(), whyItMatters: z.string(), evidence: z.array(z.string()) })),
  }),
);
export type ModelAnswer = z.infer<typeof modelAnswerSchema>;

export function modelAnswerJsonSchema(): Readonly<Record<string, unknown>> {
  return wireSchema(modelAnswerSchema.unwrap().extend({ rootCause: answeredClaimSchema.nullable() }));
}
