import * as z from 'zod';

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).optional();
const text = z.strictObject({ type: z.literal('text'), text: z.string().min(1), cache_control: cacheControl });
const toolUse = z.strictObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown() });
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.string().min(1),
  is_error: z.boolean().optional(),
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

/** What `/v1/messages` takes of the fields this project sends. Strict: the real service refuses keys it does not know. */
export const messagesRequestSchema = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.number().int().positive(),
  system: z.array(text).optional(),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['user', 'assistant']),
        content: z.array(z.discriminatedUnion('type', [text, toolUse, toolResult, thinking])).min(1),
      }),
    )
    .min(1),
  temperature: z.number().min(0).max(1).optional(),
  output_config: z
    .strictObject({
      format: z
        .strictObject({ type: z.literal('json_schema'), schema: z.looseObject({ type: z.literal('object') }) })
        .optional(),
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
    })
    .optional(),
  tools: z
    .array(
      z.strictObject({ name, description: z.string(), input_schema: z.looseObject({ type: z.literal('object') }) }),
    )
    .optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('auto') }),
      z.strictObject({ type: z.literal('any') }),
      z.strictObject({ type: z.literal('none') }),
      z.strictObject({ type: z.literal('tool'), name }),
    ])
    .optional(),
});
export type MessagesRequest = z.infer<typeof messagesRequestSchema>;
export type MessagesBlock = MessagesRequest['messages'][number]['content'][number];
