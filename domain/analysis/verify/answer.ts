import * as z from 'zod';
import { verdictSchema } from '../analysis.ts';

/**
 * What a model is asked for. It tells the story and may have an opinion; it is not asked for severity, vulnerabilities or
 * actions, because nothing it said about them would be used (rule 1). Every field is required and no limit is in the
 * schema, which keeps it within what all providers accept; the limits are in `checks.ts`.
 */
export const modelAnswerSchema = z.lazy(() =>
  z.object({
    outcome: z.enum(['analysed', 'insufficient_evidence', 'declined']),
    headline: z.string(),
    /** Recorded when it differs from the rules' verdict; decides nothing. */
    verdict: verdictSchema,
    narrative: z.array(
      z.object({
        text: z.string(),
        kind: z.enum(['observed', 'inferred']),
        evidence: z.array(z.string()),
        entities: z.array(z.string()),
      }),
    ),
    techniques: z.array(z.object({ id: z.string(), rationale: z.string(), evidence: z.array(z.string()) })),
    unknowns: z.array(z.object({ question: z.string(), whyItMatters: z.string(), evidence: z.array(z.string()) })),
  }),
);
export type ModelAnswer = z.infer<typeof modelAnswerSchema>;

/** JSON Schema for the wire: every object closed, every property required, no limits, no `$schema`. */
export function modelAnswerJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema: _, ...schema } = z.toJSONSchema(modelAnswerSchema);
  return schema;
}
