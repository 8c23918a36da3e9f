import * as z from 'zod';
import { MODEL_ERROR_KINDS, type ModelReply } from '../../../connectors/models/port.ts';
import { modelProfileSchema, STRUCTURED_MODES } from '../../../domain/config/models.ts';

const replySchema = z.object({
  outcome: z.enum(['json', 'tool_calls', 'refused', 'blocked', 'truncated', 'unparseable']),
  json: z.unknown().optional(),
  calls: z.array(z.object({ id: z.string(), name: z.string(), input: z.unknown() })).optional(),
  continuation: z.unknown().optional(),
  rawText: z.string(),
  stop: z.string(),
  mode: z.enum(STRUCTURED_MODES),
  usage: z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() }),
  provider: z.object({
    requestId: z.string().optional(),
    modelReported: z.string().optional(),
    guardrailNoticed: z.boolean().optional(),
    latencyMs: z.number(),
    attempts: z.number(),
  }),
});

const callSchema = z.object({
  /** Of everything that was sent; what is played again must ask the very same. */
  requestSha256: z.string(),
  /** After the conversation began. */
  endedMs: z.number(),
  result: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('reply'), reply: replySchema }),
    z.object({ kind: z.literal('error'), error: z.enum(MODEL_ERROR_KINDS) }),
  ]),
});
export type RecordedCall = z.infer<typeof callSchema>;

/** One conversation with a model about one incident: what it answered, call by call, and all that is needed to hold it again. */
export const recordingSchema = z.object({
  /** Id of a golden incident, or of an attacked twin. */
  case: z.string(),
  n: z.number().int().positive(),
  /** As it was configured. A secret is in it by its name only. */
  profile: z.intersection(modelProfileSchema, z.object({ name: z.string() })),
  limits: z.object({
    tokensPerIncident: z.number(),
    tools: z.object({ rounds: z.number(), calls: z.number(), seconds: z.number() }),
  }),
  promptSha256: z.string(),
  packDigest: z.string(),
  at: z.iso.datetime(),
  /** From which the boundaries of this conversation are made. */
  seed: z.string(),
  calls: z.array(callSchema),
});
export type Recording = z.infer<typeof recordingSchema>;

/** As the port gives it: what is absent stays absent. */
export function replyOf({ json, calls, continuation, provider, ...rest }: z.infer<typeof replySchema>): ModelReply {
  const { requestId, modelReported, guardrailNoticed, latencyMs, attempts } = provider;
  return {
    ...rest,
    ...(json === undefined ? {} : { json }),
    ...(calls === undefined ? {} : { calls }),
    ...(continuation === undefined ? {} : { continuation }),
    provider: {
      latencyMs,
      attempts,
      ...(requestId === undefined ? {} : { requestId }),
      ...(modelReported === undefined ? {} : { modelReported }),
      ...(guardrailNoticed === undefined ? {} : { guardrailNoticed }),
    },
  };
}
