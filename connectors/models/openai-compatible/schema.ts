import * as z from 'zod';

const count = z.number().int().nonnegative().optional().catch(undefined);

/** A call as it came. Some servers leave the id out; it is then made up, and goes back so. */
export const toolCallSchema = z.looseObject({
  id: z.string().optional().catch(undefined),
  function: z.looseObject({ name: z.string(), arguments: z.unknown().optional() }),
});

/** A text, or parts of one. */
const contentSchema = z
  .union([
    z.string(),
    z
      .array(z.object({ text: z.string().optional().catch(undefined) }))
      .transform((parts) => parts.map(({ text }) => text ?? '').join('')),
  ])
  .catch('');

/** The parts of a completion we rely on, read leniently: servers that speak this wire differ in everything else. */
export const completionSchema = z.lazy(() =>
  z
    .object({
      model: z.string().optional().catch(undefined),
      choices: z
        .array(
          z.object({
            finish_reason: z.string().catch('unknown'),
            message: z
              .object({
                content: contentSchema,
                refusal: z.string().nullish().catch(undefined),
                reasoning_content: z.string().optional().catch(undefined),
                tool_calls: z.array(z.unknown()).nullish().catch(undefined),
              })
              .catch({ content: '' }),
          }),
        )
        .catch([]),
      usage: z
        .object({
          prompt_tokens: count,
          completion_tokens: count,
          prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(undefined),
        })
        .nullish()
        .catch(undefined),
    })
    .catch({ choices: [] }),
);
export type Completion = z.infer<typeof completionSchema>;
