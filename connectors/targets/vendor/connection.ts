import type { SentRequest } from '../../../domain/actions/action.ts';
import { type AnswerableVendor, vendorName } from '../../../domain/evidence/vendor-record.ts';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { Tokens } from '../../cwpp/held-token.ts';
import {
  DEFAULT_LIMITS,
  type HttpAnswer,
  type HttpDeps,
  type HttpRequest,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';
import { SecretError } from '../../secrets/secrets.ts';
import { TargetError, type TargetErrorKind } from '../errors.ts';

export interface VendorCall {
  readonly method: string;
  /** Below the address of the API, as plans and the audit log name it. */
  readonly path: string;
  readonly url: string;
  readonly body?: object | undefined;
  /** What a status means for this call, where it is not what it usually means. */
  readonly kinds?: Readonly<Record<number, TargetErrorKind>>;
  /** What the vendor counts calls by, where it counts them by kind. */
  readonly functionality?: string;
}

/** Calls of an hour that are shared with others. */
export interface Meter {
  /** @throws TargetError when none is left */
  take(functionality: string): Promise<void>;
  /** The vendor refused for the rate: for how long nobody should ask, in milliseconds. */
  refused(functionality: string, waitMs: number | undefined): Promise<void>;
}

export interface ConnectionDeps {
  readonly vendor: AnswerableVendor;
  readonly http: HttpDeps;
  readonly tokens: Tokens;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly now: () => Date;
  /** A refusal that came with a status below 400, as GraphQL sends them. */
  readonly refusalIn?: (answer: HttpAnswer) => RefusedError | undefined;
  readonly meter?: Meter;
}

/** How often a write that was refused for its rate is tried again: such a one was not processed. */
const RATE_REPEATS = 2;
const RATE_PAUSE_MS = 1_000;

/** Calls with one credential. Reads are repeated; a write is not, unless the vendor says that it did nothing (429, 401). */
export class Connection {
  readonly #deps: ConnectionDeps;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  /** @throws TargetError */
  async read(call: VendorCall): Promise<HttpAnswer> {
    // A repetition would not be counted.
    const attempts = call.functionality === undefined ? DEFAULT_LIMITS.attempts : 1;
    return await this.#exchange(call, (ready) => this.#patiently(call, ready, attempts));
  }

  /** @throws TargetError */
  async write(call: VendorCall, record: (sent: SentRequest) => void): Promise<HttpAnswer> {
    return await this.#exchange(call, async (ready) => {
      const tell = (status: number): void =>
        record({
          method: call.method,
          path: call.path,
          ...(ready.body === undefined ? {} : { bodySha256: sha256Hex(ready.body) }),
          status,
          dryRun: false,
          at: this.#deps.now().toISOString(),
        });
      return await this.#patiently(call, ready, 1, tell);
    });
  }

  async #patiently(
    call: VendorCall,
    ready: HttpRequest,
    attempts: number,
    tell: (status: number) => void = () => undefined,
  ): Promise<HttpAnswer> {
    const { http, meter } = this.#deps;
    for (let repeats = 0; ; repeats += 1) {
      try {
        if (call.functionality !== undefined) await meter?.take(call.functionality);
        return await this.#once(ready, attempts, tell);
      } catch (error) {
        if (!(error instanceof RefusedError) || error.status !== 429) throw error;
        if (call.functionality !== undefined && meter !== undefined) {
          // It speaks of the hour: others are told, and nobody waits here.
          await meter.refused(call.functionality, error.retryAfterMs);
          throw error;
        }
        const pause = error.retryAfterMs ?? RATE_PAUSE_MS;
        if (repeats >= RATE_REPEATS || pause > DEFAULT_LIMITS.maxWaitMs) throw error;
        await http.sleep(pause);
      }
    }
  }

  async #once(ready: HttpRequest, attempts: number, tell: (status: number) => void): Promise<HttpAnswer> {
    const { http, refusalIn } = this.#deps;
    let answer: HttpAnswer;
    try {
      answer = await request(http, ready, { ...DEFAULT_LIMITS, attempts });
    } catch (error) {
      if (error instanceof RefusedError) tell(error.status);
      throw error;
    }
    tell(answer.status);
    const refusal = refusalIn?.(answer);
    if (refusal !== undefined) throw refusal;
    return answer;
  }

  /** A token that is refused (401: the call did nothing) is renewed with a fresh secret exactly once. */
  async #exchange(call: VendorCall, send: (ready: HttpRequest) => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { tokens } = this.#deps;
    const token = await this.#token(() => tokens.get());
    try {
      return await send(this.#ready(call, token));
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw this.#told(error, call);
    }
    const renewed = await this.#token(() => tokens.get(token));
    try {
      return await send(this.#ready(call, renewed));
    } catch (error) {
      throw this.#told(error, call);
    }
  }

  async #token(obtain: () => Promise<string>): Promise<string> {
    try {
      return await obtain();
    } catch (error) {
      const name = vendorName(this.#deps.vendor);
      // Whatever status the log-in gives (400, 401, 403), it is the credential that was refused.
      if (error instanceof RefusedError && error.status < 429)
        throw new TargetError('denied', `${name} refused the credential: ${error.message}`, { cause: error });
      throw this.#told(error);
    }
  }

  #ready({ method, url, body }: VendorCall, token: string): HttpRequest {
    return {
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.#deps.headers(token),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
  }

  #told(error: unknown, call?: VendorCall): unknown {
    if (error instanceof RefusedError) {
      const { status } = error;
      const kind = call?.kinds?.[status] ?? kindOf(status);
      return new TargetError(kind, `${error.message}${saidIn(error.excerpt)}`, { status, cause: error });
    }
    if (error instanceof UnreachableError) return new TargetError('unreachable', error.message, { cause: error });
    if (error instanceof UnusableAnswerError || error instanceof SecretError)
      return new TargetError('unusable', error.message, { cause: error });
    return error;
  }
}

function kindOf(status: number): TargetErrorKind {
  if (status === 429 || status >= 500) return 'unreachable';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'not-found';
  return status === 409 ? 'conflict' : 'invalid';
}

/** The vendor's words may quote what the workload chose: one short line of plain signs. */
function saidIn(excerpt: string): string {
  const words = excerpt.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return words === '' ? '' : `: ${words.slice(0, 200)}`;
}

/** The answer as JSON; undefined for what is none, which no schema then takes. */
export function parsedOf({ text }: HttpAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
