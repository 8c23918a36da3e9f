import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import type { StructuredMode } from '../../../domain/config/models.ts';
import { Deadline } from '../deadline.ts';
import { Ladder, type StepDown } from '../ladder.ts';
import { ModelError, type ModelPort, type ModelReply, type ModelRequest } from '../port.ts';
import { boundedHandler } from './bounded-handler.ts';
import { toModelError } from './errors.ts';
import { fromConverse } from './from-converse.ts';
import { converseResponseSchema, sdkErrorSchema } from './schema.ts';
import { type BedrockProfile, toConverse } from './to-converse.ts';

/** What a test or an unusual network may want to replace. */
export interface BedrockDeps {
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly onStepDown?: StepDown;
}

/** A model behind Bedrock's Converse operation. */
export function bedrockModel(profile: BedrockProfile, deps: BedrockDeps = {}): ModelPort {
  const ladder = new Ladder(profile.structured, deps.onStepDown);
  const client = clientFor(profile, deps);

  async function call(request: ModelRequest, mode: StructuredMode, deadline: Deadline): Promise<ModelReply> {
    const started = performance.now();
    const command = new ConverseCommand(toConverse(request, profile, mode));
    const response = await deadline.race(client.send(command, { abortSignal: deadline.signal }));
    const latencyMs = Math.round(performance.now() - started);
    return fromConverse(converseResponseSchema.parse(response), request, mode, latencyMs);
  }

  /** The model itself failed (status 424): worth one more try, which the SDK does not make. */
  async function withRepetition(request: ModelRequest, mode: StructuredMode, deadline: Deadline): Promise<ModelReply> {
    try {
      return await call(request, mode, deadline);
    } catch (error) {
      if (sdkErrorSchema.safeParse(error).data?.name !== 'ModelErrorException') throw error;
      return await call(request, mode, deadline);
    }
  }

  return {
    profile,
    async generate(request) {
      const deadline = new Deadline(profile.timeoutSeconds * 1000, request.signal);
      return await ladder.climb(async (mode) => {
        try {
          return await withRepetition(request, mode, deadline);
        } catch (error) {
          throw error instanceof ModelError ? error : toModelError(error);
        }
      });
    },
  };
}

/** The SDK itself repeats throttling and 5xx (3 attempts in all); longer waits belong to the state machine. */
function clientFor({ region, endpoint, timeoutSeconds }: BedrockProfile, { credentials }: BedrockDeps) {
  return new BedrockRuntimeClient({
    region,
    maxAttempts: 3,
    requestHandler: boundedHandler(timeoutSeconds * 1000),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}
