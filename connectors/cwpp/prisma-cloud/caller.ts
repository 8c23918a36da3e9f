import type { PrismaCloudSourceConfiguration } from '../../../domain/config/schema.ts';
import {
  type HttpAnswer,
  type HttpDeps,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';
import { ReadBudgetError, type ReadCost, type ReadLimits } from '../prisma-cloud-compute/reader.ts';
import { parseExact } from './exact-json.ts';
import type { Tokens } from './token.ts';

/** One read. The API searches with POST, so the method says nothing about writing: client.ts lists every path there is. */
export interface ApiCall {
  readonly method: 'GET' | 'POST';
  /** Below the API address; every part that comes from outside is percent-encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface CallerDeps {
  readonly http: HttpDeps;
  readonly tokens: Tokens;
  readonly config: PrismaCloudSourceConfiguration;
  readonly limits: ReadLimits;
  readonly now: () => number;
}

/** Calls with the token and within the budget of the task: calls (repeats counted), bytes of answers, and time. */
export class Caller {
  readonly #deps: CallerDeps;
  readonly #started: number;
  #calls = 0;
  #bytes = 0;
  #milliseconds = 0;

  constructor(deps: CallerDeps) {
    this.#started = deps.now();
    this.#deps = { ...deps, http: this.#within(deps) };
  }

  get cost(): ReadCost {
    return { calls: this.#calls, bytes: this.#bytes, milliseconds: this.#milliseconds };
  }

  get maxPages(): number {
    return this.#deps.limits.maxPages;
  }

  /**
   * The answer as JSON; a 401 is answered with a fresh token exactly once.
   * @throws RefusedError, UnreachableError, UnusableAnswerError, SecretError, ReadBudgetError
   */
  async json(call: ApiCall): Promise<unknown> {
    this.#refuseWhenSpent();
    const token = await this.#token();
    try {
      return await this.#exchange(call, token);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw error;
      return await this.#exchange(call, await this.#token(token));
    }
  }

  /** The log-in is shared and has time limits of its own; this task does not wait for it longer than it may. */
  async #token(refused?: string): Promise<string> {
    const end = AbortSignal.timeout(timerFor(this.#left()));
    const spent = new Promise<never>((_, reject) => {
      end.addEventListener(
        'abort',
        () => reject(new ReadBudgetError(`the budget of ${this.#deps.limits.maxMilliseconds} ms is used up`)),
        { once: true },
      );
    });
    return await Promise.race([this.#deps.tokens.get(refused), spent]);
  }

  async #exchange(call: ApiCall, token: string): Promise<unknown> {
    const { http, limits, now } = this.#deps;
    const started = now();
    let answer: HttpAnswer;
    try {
      answer = await request(
        http,
        {
          method: call.method,
          url: this.#url(call),
          headers: {
            'x-redlock-auth': token,
            accept: 'application/json',
            ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        },
        {
          ...limits.http,
          maxAnswerBytes: Math.max(1, Math.min(limits.http.maxAnswerBytes, limits.maxBytes - this.#bytes)),
        },
      );
    } catch (error) {
      // `request` takes a refused attempt for a failed one; the budget is the truer reason.
      if (error instanceof UnreachableError && error.cause instanceof ReadBudgetError) throw error.cause;
      if (this.#left() <= 0) this.#refuseWhenSpent();
      throw error;
    } finally {
      this.#milliseconds += now() - started;
    }
    this.#bytes += Buffer.byteLength(answer.text);
    const value = parseExact(answer.text);
    if (value === undefined) {
      throw new UnusableAnswerError(`${call.method} ${call.path} answered with something that is no JSON`);
    }
    return value;
  }

  #url({ path, query = {} }: ApiCall): string {
    const parameters = new URLSearchParams(query).toString();
    const base = this.#deps.config.api.baseUrl.replace(/\/+$/, '');
    return `${base}${path}${parameters === '' ? '' : `?${parameters}`}`;
  }

  /** Every attempt is counted, and neither an attempt nor a pause outlasts the time that is left. */
  #within({ http }: CallerDeps): HttpDeps {
    return {
      ...http,
      fetch: (input, init) => {
        this.#refuseWhenSpent();
        this.#calls += 1;
        const end = AbortSignal.timeout(timerFor(this.#left()));
        return http.fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, end]) : end });
      },
      sleep: (ms) => http.sleep(Math.max(0, Math.min(ms, this.#left()))),
    };
  }

  #left(): number {
    return this.#deps.limits.maxMilliseconds - (this.#deps.now() - this.#started);
  }

  #refuseWhenSpent(): void {
    const spent = this.#spent();
    if (spent !== undefined) throw new ReadBudgetError(spent);
  }

  #spent(): string | undefined {
    const { maxCalls, maxBytes, maxMilliseconds } = this.#deps.limits;
    if (this.#calls >= maxCalls) return `the budget of ${maxCalls} calls is used up`;
    if (this.#bytes >= maxBytes) return `the budget of ${maxBytes} bytes is used up`;
    if (this.#left() <= 0) return `the budget of ${maxMilliseconds} ms is used up`;
    return undefined;
  }
}

/** Timers take 1 to 2^31-1 milliseconds. */
function timerFor(milliseconds: number): number {
  return Math.max(1, Math.min(Math.floor(milliseconds), 2 ** 31 - 1));
}
