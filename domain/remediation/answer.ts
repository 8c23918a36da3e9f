import * as z from 'zod';

/**
 * What a model may add to the guidance of the rules: why it matters, in words, and further commands. It chooses among the
 * ids it is given; what it says about others is dropped. No limit stands in the schemas (domain/analysis/verify/answer.ts).
 */
export const remediationAnswerSchema = z.lazy(() =>
  z.object({
    outcome: z.enum(['answered', 'declined']),
    explanations: z.array(z.object({ guidance: z.string(), text: z.string(), evidence: z.array(z.string()) })),
    commands: z.array(
      z.object({ guidance: z.string(), purpose: z.string(), command: z.string(), evidence: z.array(z.string()) }),
    ),
  }),
);
export type RemediationAnswer = z.infer<typeof remediationAnswerSchema>;

export const blockedEventAnswerSchema = z.lazy(() =>
  z.object({
    outcome: z.enum(['answered', 'declined']),
    why: z.array(z.object({ event: z.string(), text: z.string(), evidence: z.array(z.string()) })),
    change: z.array(z.object({ event: z.string(), text: z.string(), evidence: z.array(z.string()) })),
  }),
);
export type BlockedEventAnswer = z.infer<typeof blockedEventAnswerSchema>;

/** JSON Schemas for the wire: every object closed, every property required, no limits, no `$schema`. */
export function remediationAnswerJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema: _, ...schema } = z.toJSONSchema(remediationAnswerSchema);
  return schema;
}

export function blockedEventAnswerJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema: _, ...schema } = z.toJSONSchema(blockedEventAnswerSchema);
  return schema;
}
