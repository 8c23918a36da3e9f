import type { StructuredMode } from '../../../domain/config/models.ts';
import type { HttpDeps } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { Deadline } from '../deadline.ts';
import { type Attempts, bodyOf, type Door, post } from '../exchange.ts';
import { Ladder, type StepDown } from '../ladder.ts';
import type { ModelPort, ModelReply, ModelRequest } from '../port.ts';
import { fromCompletion } from './from-completion.ts';
import { completionSchema } from './schema.ts';
import { type OpenAiProfile, toCompletion } from './to-completion.ts';

export interface OpenAiDeps {
  readonly http: HttpDeps;
  readonly secrets: () => Promise<Secrets>;
  readonly onStepDown?: StepDown;
}

/** A model behind `/chat/completions`: OpenAI itself, vLLM, Ollama and others that speak its wire. */
export function openAiCompatibleModel(profile: OpenAiProfile, deps: OpenAiDeps): ModelPort {
  const ladder = new Ladder(profile.structured, deps.onStepDown);
  const door: Door = {
    http: deps.http,
    secrets: deps.secrets,
    who: 'the OpenAI-compatible server',
    url: `${profile.endpoint.replace(/\/+$/, '')}/chat/completions`,
    secret: profile.secret,
    headers: (apiKey) => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };

  async function call(
    request: ModelRequest,
    mode: StructuredMode,
    deadline: Deadline,
    attempts: Attempts,
  ): Promise<ModelReply> {
    const started = performance.now();
    const answer = await post(door, toCompletion(request, profile, mode), deadline, attempts);
    const said = fromCompletion(completionSchema.parse(bodyOf(door, answer)), request, mode);
    const requestId = answer.headers.get('x-request-id');
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
