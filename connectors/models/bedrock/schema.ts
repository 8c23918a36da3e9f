import * as z from 'zod';

const count = z.number().int().nonnegative().optional().catch(undefined);

/**
 * The parts of a Converse response we rely on, read leniently: an unknown content block arrives as `$unknown`, and new
 * fields come with every model.
 */
export const converseResponseSchema = z.lazy(() =>
  z.object({
    output: z
      .object({ message: z.object({ content: z.array(z.unknown()).catch([]) }) })
      .catch({ message: { content: [] } }),
    stopReason: z.string().catch('unknown'),
    usage: z
      .object({ inputTokens: count, outputTokens: count, cacheReadInputTokens: count, cacheWriteInputTokens: count })
      .catch({}),
    /** Never its texts: a guardrail's trace repeats what it matched. */
    trace: z
      .object({
        guardrail: z
          .unknown()
          .transform((value) => (value === undefined ? undefined : true))
          .optional(),
        promptRouter: z.object({ invokedModelId: z.string().optional() }).optional(),
      })
      .catch({}),
    $metadata: z.object({ requestId: z.string().optional(), attempts: z.number().optional() }).catch({}),
  }),
);
export type ConverseResponse = z.infer<typeof converseResponseSchema>;

export const textBlockSchema = z.object({ text: z.string() });
export const toolUseBlockSchema = z.object({
  toolUse: z.object({ toolUseId: z.string(), name: z.string(), input: z.unknown().optional() }),
});

/** What an SDK error tells beside its class. */
export const sdkErrorSchema = z.lazy(() =>
  z.object({
    name: z.string(),
    message: z.string().catch(''),
    code: z.string().optional().catch(undefined),
    $metadata: z.object({ httpStatusCode: z.number().optional() }).optional().catch(undefined),
  }),
);
