import * as z from 'zod';

const count = z.number().int().nonnegative().nullish().catch(undefined);

/** The parts of a message we rely on, read leniently: new blocks come with every model. */
export const messageSchema = z.lazy(() =>
  z
    .object({
      model: z.string().optional().catch(undefined),
      content: z.array(z.unknown()).catch([]),
      stop_reason: z.string().catch('unknown'),
      usage: z
        .object({
          input_tokens: count,
          output_tokens: count,
          cache_read_input_tokens: count,
          cache_creation_input_tokens: count,
        })
        .catch({}),
    })
    .catch({ content: [], stop_reason: 'unknown', usage: {} }),
);
export type AnthropicMessage = z.infer<typeof messageSchema>;

export const textBlockSchema = z.object({ type: z.literal('text'), text: z.string() });
export const toolUseBlockSchema = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.unknown().optional(),
});
