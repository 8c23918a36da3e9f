import type { StructuredMode } from '../../../domain/config/models.ts';
import type { HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { Deadline } from '../deadline.ts';
import { type Attempts, bodyOf, type Door, post } from '../exchange.ts';
import { Ladder, type StepDown } from '../ladder.ts';
import type { ModelPort, ModelReply, ModelRequest } from '../port.ts';
import { fromMessage } from './from-message.ts';
import { messageSchema } from './schema.ts';
import { type AnthropicProfile, toMessage } from './to-message.ts';

export interface AnthropicDeps {
  readonly http: HttpDeps;
  readonly secrets: () => Promise<Secrets>;
  readonly onStepDown?: StepDown;
}

/** The version all of what we send belongs to. */
const VERSION = '2023-06-01';

/** A model behind Anthropic's own `/v1/messages`. */
export function anthropicModel(profile: AnthropicProfile, deps: AnthropicDeps): ModelPort {
  const ladder = new Ladder(profile.structured, deps.onStepDown);
  const door: Door = {
    http: deps.http,
    secrets: deps.secrets,
    who: 'Anthropic',
    url: `${profile.endpoint.replace(/\/+$/, '')}/v1/messages`,
    secret: profile.secret,
    headers: (apiKey) => ({
      'anthropic-version': VERSION,
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
    }),
  };

  async function call(
    request: ModelRequest,
    mode: StructuredMode,
    deadline: Deadline,
    attempts: Attempts,
  ): Promise<ModelReply> {
    const started = performance.now();
    const answer = await post(door, toMessage(request, profile, mode), deadline, attempts);
    const said = fromMessage(messageSchema.parse(bodyOf(door, answer)), request, mode);
    const requestId = answer.headers.get('request-id');
    return {
      ...said,
      provider: {
        ...said.provider,
        ...(requestId === null ? {} : { requestId }),
        latencyMs: Math.round(performance.now() - started),
        attempts: attempts.made,
      },
    };
  }

  return {
    profile,
    async generate(request) {
      const deadline = new Deadline(profile.timeoutSeconds * 1000, request.signal);
      const attempts: Attempts = { made: 0 };
      return await ladder.climb((mode) => call(request, mode, deadline, attempts));
    },
  };
}
