import type { AwsCredentials } from '../../aws/signature.ts';
import { signedHeaders } from '../../aws/signed-headers.ts';
import {
  DEFAULT_LIMITS,
  type HttpDeps,
  type HttpLimits,
  jsonOf,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';

/** The calls, bytes or seconds allowed for this reader are used up. Whatever was read before stays usable. */
export class ReadBudgetError extends Error {
  override readonly name = 'ReadBudgetError';
}

/** There are no credentials to call with: the function's role could not be asked. */
export class NoCredentialsError extends Error {
  override readonly name = 'NoCredentialsError';
}

/** Everything that can go wrong between us and AWS, as opposed to a fault of ours. */
export function isAwsTrouble(error: unknown): error is Error {
  return [RefusedError, UnreachableError, UnusableAnswerError, ReadBudgetError, NoCredentialsError].some(
    (trouble) => error instanceof trouble,
  );
}

export interface AwsLimits {
  readonly http: HttpLimits;
  /** Over the reader's life: HTTP calls (repeats counted), bytes of answers, time spent waiting for them. */
  readonly maxCalls: number;
  readonly maxBytes: number;
  readonly maxMilliseconds: number;
}

export const DEFAULT_AWS_LIMITS: AwsLimits = {
  http: DEFAULT_LIMITS,
  maxCalls: 30,
  maxBytes: 20_000_000,
  maxMilliseconds: 45_000,
};

export interface AwsCost {
  readonly calls: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface AwsReaderDeps {
  readonly http: HttpDeps;
  readonly credentials: () => Promise<AwsCredentials>;
  /** Name in the signature, e.g. `guardduty`. */
  readonly service: string;
  readonly region: string;
  /** Base address; the service's own when absent. */
  readonly endpoint?: string | undefined;
  readonly limits?: Partial<AwsLimits> | undefined;
  readonly now: () => Date;
  /** Nothing is waited for beyond it. */
  readonly deadline?: Date | undefined;
}

/** Left for storing what was read. */
const BEFORE_DEADLINE_MS = 2_000;

/** Calls of a REST-JSON service of AWS, within a budget. */
export class AwsReader {
  readonly #deps: AwsReaderDeps;
  readonly #limits: AwsLimits;
  readonly #http: HttpDeps;
  #calls = 0;
  #bytes = 0;
  #milliseconds = 0;

  constructor(deps: AwsReaderDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_AWS_LIMITS, ...deps.limits };
    this.#http = {
      ...deps.http,
      fetch: (...args) => {
        // Every attempt is counted, also those that `request` repeats.
        this.#calls += 1;
        return deps.http.fetch(...args);
      },
    };
  }

  get cost(): AwsCost {
    return { calls: this.#calls, bytes: this.#bytes, milliseconds: this.#milliseconds };
  }

  /**
   * @param path starts with a slash; parts that come from outside are encoded by the caller
   * @throws RefusedError, UnreachableError, UnusableAnswerError, ReadBudgetError, NoCredentialsError
   */
  async post(path: string, body: object): Promise<unknown> {
    return await this.#call('POST', path, JSON.stringify(body));
  }

  /** As `post`, without a body. */
  async get(path: string): Promise<unknown> {
    return await this.#call('GET', path, '');
  }

  async #call(method: 'GET' | 'POST', path: string, body: string): Promise<unknown> {
    const left = this.#left();
    const { service, region, now } = this.#deps;
    const url = `${this.#base()}${path}`;
    const credentials = await this.#credentials();
    const headers = signedHeaders({ method, url, body, service, region, credentials, at: now() });
    const started = now().getTime();
    const answer = await request(
      this.#http,
      { method, url, headers: { ...headers, accept: 'application/json' }, ...(method === 'POST' ? { body } : {}) },
      { ...this.#limits.http, timeoutMs: Math.max(1, Math.min(this.#limits.http.timeoutMs, left)) },
    ).finally(() => {
      this.#milliseconds += now().getTime() - started;
    });
    this.#bytes += Buffer.byteLength(answer.text);
    return jsonOf(answer);
  }

  async #credentials(): Promise<AwsCredentials> {
    try {
      return await this.#deps.credentials();
    } catch (cause) {
      throw new NoCredentialsError('the credentials of the function could not be read', { cause });
    }
  }

  #base(): string {
    const { endpoint, service, region } = this.#deps;
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return (endpoint ?? `https://${service}.${region}.${suffix}`).replace(/\/+$/, '');
  }

  /** @throws ReadBudgetError */
  #left(): number {
    const { maxCalls, maxBytes, maxMilliseconds } = this.#limits;
    if (this.#calls >= maxCalls) throw new ReadBudgetError(`the budget of ${maxCalls} calls is used up`);
    if (this.#bytes >= maxBytes) throw new ReadBudgetError(`the budget of ${maxBytes} bytes is used up`);
    const { deadline, now } = this.#deps;
    const untilDeadline =
      deadline === undefined ? Number.POSITIVE_INFINITY : deadline.getTime() - now().getTime() - BEFORE_DEADLINE_MS;
    const left = Math.min(maxMilliseconds - this.#milliseconds, untilDeadline);
    if (left <= 0) throw new ReadBudgetError('the time for reading is used up');
    return left;
  }
}
