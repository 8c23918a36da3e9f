import type { StructuredMode } from '../../domain/config/models.ts';
import type { NamedProfile } from '../../domain/models/route.ts';
import type { HttpDeps } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { Deadline } from './deadline.ts';
import { type Attempts, bodyOf, type Door, post } from './exchange.ts';
import { Ladder, type StepDown } from './ladder.ts';
import type { ModelPort, ModelReply, ModelRequest } from './port.ts';

export interface HttpModelDeps {
  readonly http: HttpDeps;
  readonly secrets: () => Promise<Secrets>;
  readonly onStepDown?: StepDown;
}

/** What one provider's wire says differently from another's. */
export interface HttpWire {
  /** How errors name the other side. */
  readonly who: string;
  readonly path: `/${string}`;
  readonly headers: Door['headers'];
  /** The answer's header that holds the provider's name for the request. */
  readonly requestIdHeader: string;
  readonly bodyFor: (request: ModelRequest, mode: StructuredMode) => object;
  readonly read: (body: unknown, request: ModelRequest, mode: StructuredMode) => ModelReply;
}

/** A model behind one POST endpoint that takes and gives JSON. */
export function httpModel(
  profile: Exclude<NamedProfile, { provider: 'bedrock' }>,
  { http, secrets, onStepDown }: HttpModelDeps,
  { who, path, headers, requestIdHeader, bodyFor, read }: HttpWire,
): ModelPort {
  const ladder = new Ladder(profile.structured, onStepDown);
  const url = `${profile.endpoint.replace(/\/+$/, '')}${path}`;
  const door: Door = { http, secrets, who, url, secret: profile.secret, headers };

  async function call(
    request: ModelRequest,
    mode: StructuredMode,
    deadline: Deadline,
    attempts: Attempts,
  ): Promise<ModelReply> {
    const started = performance.now();
    const answer = await post(door, bodyFor(request, mode), deadline, attempts);
    const said = read(bodyOf(door, answer), request, mode);
    const requestId = answer.headers.get(requestIdHeader);
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
