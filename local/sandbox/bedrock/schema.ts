import * as z from 'zod';

/** What Converse takes of the fields this project sends. Strict: the real service refuses keys it does not know. */
export const converseRequestSchema = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['user', 'assistant']),
        content: z.array(z.strictObject({ text: z.string().min(1) })).min(1),
      }),
    )
    .min(1),
  system: z.array(z.strictObject({ text: z.string().min(1) })).optional(),
  inferenceConfig: z
    .strictObject({ maxTokens: z.number().int().positive().optional(), temperature: z.number().optional() })
    .optional(),
  outputConfig: z
    .strictObject({
      textFormat: z.strictObject({
        type: z.literal('json_schema'),
        structure: z.strictObject({
          jsonSchema: z.strictObject({
            schema: z.string(),
            name: z.string().optional(),
            description: z.string().optional(),
          }),
        }),
      }),
    })
    .optional(),
  requestMetadata: z.record(z.string().max(256), z.string().regex(/^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/)).optional(),
});
export type ConverseRequest = z.infer<typeof converseRequestSchema>;

/** How the next call is answered. Written in a scenario file, or put in the queue by a test. */
export const bedrockScenarioSchema = z.discriminatedUnion('play', [
  /** A faithful analyst: one sentence for each of the first pieces of evidence, in its own words. */
  z.strictObject({ play: z.literal('summarise'), sentences: z.number().int().positive().default(5) }),
  /** This JSON as the answer. */
  z.strictObject({ play: z.literal('answer'), json: z.unknown() }),
  /** This text as the answer, with any stop reason. */
  z.strictObject({ play: z.literal('text'), text: z.string(), stopReason: z.string().default('end_turn') }),
  /** Content blocks as they are, for blocks nobody knows yet. */
  z.strictObject({ play: z.literal('blocks'), content: z.array(z.unknown()) }),
  /** An error of the service by its name. */
  z.strictObject({ play: z.literal('error'), name: z.string(), status: z.number().int(), message: z.string() }),
]);
export type BedrockScenario = z.infer<typeof bedrockScenarioSchema>;
