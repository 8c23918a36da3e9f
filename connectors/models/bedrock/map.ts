import type { ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import type { StructuredMode } from '../../../domain/config/models.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { firstJsonObject } from '../first-json.ts';
import { ModelError, type ModelErrorKind, type ModelReply, type ModelRequest } from '../port.ts';
import { type ConverseResponse, sdkErrorSchema, textBlockSchema } from './schema.ts';

/**
 * No temperature is sent: newer models refuse it, and it would not make them deterministic. `maxTokens` always is, because
 * the service reserves quota by it.
 */
export function toConverse(request: ModelRequest, profile: NamedProfile, mode: StructuredMode): ConverseCommandInput {
  const schema = JSON.stringify(request.output.schema);
  return {
    modelId: profile.modelId,
    system: [
      { text: request.system },
      {
        text:
          mode === 'native'
            ? 'Answer with the JSON object only.'
            : `Answer with one JSON object and nothing else: no prose, no code fence. It must satisfy this JSON Schema:\n${schema}`,
      },
    ],
    messages: request.turns.flatMap((turn) =>
      'text' in turn ? [{ role: turn.role, content: [{ text: turn.text }] }] : [],
    ),
    inferenceConfig: { maxTokens: profile.maxOutputTokens },
    requestMetadata: { ...request.metadata },
    ...(mode === 'native'
      ? {
          outputConfig: {
            textFormat: {
              type: 'json_schema' as const,
              structure: { jsonSchema: { name: request.output.name, schema } },
            },
          },
        }
      : {}),
  };
}

export function fromConverse(response: ConverseResponse, mode: StructuredMode, latencyMs: number): ModelReply {
  const rawText = response.output.message.content
    .flatMap((block) => {
      const text = textBlockSchema.safeParse(block);
      return text.success ? [text.data.text] : [];
    })
    .join('');
  const { usage, $metadata, stopReason } = response;
  return {
    ...answerOf(stopReason, rawText),
    rawText,
    stop: stopReason,
    mode,
    usage: {
      input: usage.inputTokens ?? 0,
      output: usage.outputTokens ?? 0,
      cacheRead: usage.cacheReadInputTokens ?? 0,
      cacheWrite: usage.cacheWriteInputTokens ?? 0,
    },
    provider: {
      ...($metadata.requestId === undefined ? {} : { requestId: $metadata.requestId }),
      latencyMs,
      attempts: $metadata.attempts ?? 1,
    },
  };
}

function answerOf(stop: string, text: string): Pick<ModelReply, 'outcome' | 'json'> {
  switch (stop) {
    case 'end_turn':
    case 'stop_sequence': {
      const json = firstJsonObject(text);
      return json === undefined ? { outcome: 'unparseable' } : { outcome: 'json', json };
    }
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { outcome: 'truncated' };
    case 'content_filtered':
      return { outcome: 'refused' };
    case 'guardrail_intervened':
      return { outcome: 'blocked' };
    default:
      // tool_use (none was offered), malformed_*, and every word that does not exist yet.
      return { outcome: 'unparseable' };
  }
}

const KINDS: Readonly<Record<string, ModelErrorKind>> = {
  ThrottlingException: 'throttled',
  ModelNotReadyException: 'throttled',
  ServiceQuotaExceededException: 'throttled',
  InternalServerException: 'unavailable',
  ServiceUnavailableException: 'unavailable',
  ModelErrorException: 'unavailable',
  ModelTimeoutException: 'timeout',
  TimeoutError: 'timeout',
  AbortError: 'timeout',
  AccessDeniedException: 'denied',
  UnrecognizedClientException: 'denied',
  ExpiredTokenException: 'denied',
  ValidationException: 'invalid_request',
  ResourceNotFoundException: 'invalid_request',
  CredentialsProviderError: 'config',
};

const TOO_LONG = /too long|too many (?:input )?tokens|context (?:window|length)|maximum (?:input|context)/i;

/** The service's error in our words. Its own message stays in `cause`: it may quote the prompt. */
export function toModelError(error: unknown): ModelError {
  const parsed = sdkErrorSchema.safeParse(error);
  if (!parsed.success) return new ModelError('unavailable', 'Bedrock could not be called', { cause: error });
  const { name, message, $metadata } = parsed.data;
  const status = $metadata?.httpStatusCode === undefined ? '' : ` (status ${$metadata.httpStatusCode})`;
  const known = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  const kind = known === 'invalid_request' && TOO_LONG.test(message) ? 'too_long' : (known ?? 'unavailable');
  return new ModelError(kind, `Bedrock: ${known === undefined ? 'no usable answer' : name}${status}`, { cause: error });
}
