import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { StructuredMode } from '../../../domain/config/models.ts';
import type { NamedProfile } from '../../../domain/models/route.ts';
import { ModelError, type ModelPort, type ModelReply, type ModelRequest } from '../port.ts';
import { fromConverse, toConverse, toModelError } from './map.ts';
import { converseResponseSchema, sdkErrorSchema } from './schema.ts';

const LADDER: readonly StructuredMode[] = ['native', 'prompt'];

/** What a test or an unusual network may want to replace. */
export interface BedrockOptions {
  readonly credentials?: NonNullable<BedrockRuntimeClientConfig['credentials']>;
  /** Told once, when a model does not take the better of two ways to structured output. */
  readonly onStepDown?: (from: StructuredMode, to: StructuredMode) => void;
}

/**
 * A model behind Bedrock's Converse operation. Structured output is tried natively first; a model that refuses that
 * (ValidationException) is asked in words instead, now and for the rest of this process.
 */
export type BedrockProfile = Extract<NamedProfile, { provider: 'bedrock' }>;

export function bedrockModel(profile: BedrockProfile, options: BedrockOptions = {}): ModelPort {
  const timeoutMs = profile.timeoutSeconds * 1000;
  const client = clientFor(profile, options);
  let rung = 0;

  async function call(request: ModelRequest, mode: StructuredMode, deadline: AbortSignal): Promise<ModelReply> {
    const started = performance.now();
    const response = await client.send(new ConverseCommand(toConverse(request, profile, mode)), {
      abortSignal: deadline,
    });
    const latencyMs = Math.round(performance.now() - started);
    return fromConverse(converseResponseSchema.parse(response), mode, latencyMs);
  }

  async function attempt(request: ModelRequest, deadline: AbortSignal, repeated: boolean): Promise<ModelReply> {
    const mode = LADDER[rung] ?? 'prompt';
    try {
      return await call(request, mode, deadline);
    } catch (error) {
      if (deadline.aborted)
        throw new ModelError('timeout', `Bedrock did not answer within ${timeoutMs} ms`, { cause: error });
      if (stepDown(error, mode)) return attempt(request, deadline, repeated);
      if (isModelError(error) && !repeated) return attempt(request, deadline, true);
      throw toModelError(error);
    }
  }

  /** True when there is a lower rung to try. Another call may have stepped down meanwhile: the ladder is never climbed again. */
  function stepDown(error: unknown, from: StructuredMode): boolean {
    const next = LADDER[LADDER.indexOf(from) + 1];
    if (next === undefined || !isValidation(error)) return false;
    if (LADDER[rung] === from) {
      rung = LADDER.indexOf(next);
      options.onStepDown?.(from, next);
    }
    return true;
  }

  const generate = (request: ModelRequest): Promise<ModelReply> =>
    attempt(request, AbortSignal.timeout(timeoutMs), false);

  return { profile, generate };
}

/**
 * HTTP/1.1 on purpose: the SDK's default for this service is HTTP/2, which proxies and local servers do not speak. The
 * SDK itself repeats throttling and 5xx (3 attempts in all); longer waits belong to the state machine.
 */
function clientFor(config: BedrockProfile, { credentials }: BedrockOptions): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: config.region,
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5_000,
      requestTimeout: config.timeoutSeconds * 1000,
      throwOnRequestTimeout: true,
    }),
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

function isValidation(error: unknown): boolean {
  return sdkErrorSchema.safeParse(error).data?.name === 'ValidationException';
}

/** The model itself failed (status 424): worth one more try, which the SDK does not make. */
function isModelError(error: unknown): boolean {
  return sdkErrorSchema.safeParse(error).data?.name === 'ModelErrorException';
}
