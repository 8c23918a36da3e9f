import * as z from 'zod';

const text = z.strictObject({ text: z.string().trim().min(1, 'the text field in the ContentBlock object is blank') });
const toolUse = z.strictObject({
  toolUse: z.strictObject({ toolUseId: z.string().min(1), name: z.string(), input: z.unknown() }),
});
const toolResult = z.strictObject({
  toolResult: z.strictObject({
    toolUseId: z.string().min(1),
    content: z.array(text).min(1),
    status: z.enum(['success', 'error']).optional(),
  }),
});
const reasoning = z.strictObject({
  reasoningContent: z.strictObject({
    reasoningText: z.strictObject({ text: z.string(), signature: z.string().optional() }).optional(),
    redactedContent: z.string().optional(),
  }),
});
const cachePoint = z.strictObject({
  cachePoint: z.strictObject({ type: z.literal('default'), ttl: z.enum(['5m', '1h']).optional() }),
});
const name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);

/** What Converse takes of the fields this project sends. Strict: the real service refuses keys it does not know. */
export const converseRequestSchema = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['user', 'assistant']),
        content: z.array(z.union([text, toolUse, toolResult, reasoning])).min(1),
      }),
    )
    .min(1),
  system: z.array(z.union([text, cachePoint])).optional(),
  inferenceConfig: z
    .strictObject({ maxTokens: z.number().int().positive().optional(), temperature: z.number().optional() })
    .optional(),
  toolConfig: z
    .strictObject({
      tools: z
        .array(
          z.strictObject({
            toolSpec: z.strictObject({
              name,
              description: z.string().min(1),
              inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal('object') }) }),
            }),
          }),
        )
        .min(1),
      toolChoice: z
        .union([
          z.strictObject({ auto: z.strictObject({}) }),
          z.strictObject({ any: z.strictObject({}) }),
          z.strictObject({ tool: z.strictObject({ name }) }),
        ])
        .optional(),
    })
    .optional(),
  outputConfig: z
    .strictObject({
      textFormat: z
        .strictObject({
          type: z.literal('json_schema'),
          structure: z.strictObject({
            jsonSchema: z.strictObject({
              schema: z.string(),
              name: z.string().optional(),
              description: z.string().optional(),
            }),
          }),
        })
        .optional(),
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
    })
    .optional(),
  guardrailConfig: z
    .strictObject({
      guardrailIdentifier: z.string(),
      guardrailVersion: z.string(),
      trace: z.enum(['disabled', 'enabled', 'enabled_full']).optional(),
    })
    .optional(),
  requestMetadata: z.record(z.string().max(256), z.string().regex(/^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/)).optional(),
});
export type ConverseRequest = z.infer<typeof converseRequestSchema>;
export type ConverseBlock = ConverseRequest['messages'][number]['content'][number];
