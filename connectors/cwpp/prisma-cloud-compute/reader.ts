import type * as z from 'zod';
import type { ComputeSourceConfiguration } from '../../../domain/config/schema.ts';
import {
  DEFAULT_LIMITS,
  type HttpAnswer,
  type HttpDeps,
  type HttpLimits,
  jsonOf,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';
import { SecretError } from '../../secrets/secrets.ts';
import type { Tokens } from './token.ts';

/** The calls, bytes or seconds allowed for this client are used up. Whatever was read before stays usable. */
export class ReadBudgetError extends Error {
  override readonly name = 'ReadBudgetError';
}

/** Everything that can go wrong between us and the console, as opposed to a fault of ours. */
export function isVendorTrouble(error: unknown): error is Error {
  return [RefusedError, UnreachableError, UnusableAnswerError, SecretError, ReadBudgetError].some(
    (trouble) => error instanceof trouble,
  );
}

export interface ReadLimits {
  readonly http: HttpLimits;
  /** Of one list. */
  readonly maxPages: number;
  /** Over the client's life: HTTP calls (repeats counted), bytes of answers, time spent waiting for them. */
  readonly maxCalls: number;
  readonly maxBytes: number;
  readonly maxMilliseconds: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = {
  http: DEFAULT_LIMITS,
  maxPages: 10,
  maxCalls: 40,
  maxBytes: 20_000_000,
  maxMilliseconds: 45_000,
};

/** A list as far as it was read. `truncated` says why it may be longer than that. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly truncated?: string;
}

export interface ReadCost {
  readonly calls: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface ReaderDeps {
  readonly http: HttpDeps;
  readonly tokens: Tokens;
  readonly config: ComputeSourceConfiguration;
  readonly limits: ReadLimits;
  readonly now: () => number;
}

export type Query = Readonly<Record<string, string | undefined>>;

/** Default and maximum of the API. */
const PAGE = 50;

/** GET only, with the token, the budget and the paging of the Compute API. */
export class Reader {
  readonly #deps: ReaderDeps;
  #calls = 0;
  #bytes = 0;
  #milliseconds = 0;

  constructor(deps: ReaderDeps) {
    // Every attempt is counted, also those that `request` repeats.
    const http: HttpDeps = {
      ...deps.http,
      fetch: (...args) => {
        this.#calls += 1;
        return deps.http.fetch(...args);
      },
    };
    this.#deps = { ...deps, http };
  }

  get cost(): ReadCost {
    return { calls: this.#calls, bytes: this.#bytes, milliseconds: this.#milliseconds };
  }

  /**
   * All records of a list that the limits allow, page by page (`offset`, `limit`; an empty page is `null`).
   * @throws RefusedError, UnreachableError, UnusableAnswerError, SecretError; ReadBudgetError when nothing could be read
   */
  async list<T>(path: string, query: Query, schema: z.ZodType<T>): Promise<Listing<T>> {
    const items: T[] = [];
    let previous: string | undefined;
    for (let page = 0; page < this.#deps.limits.maxPages; page += 1) {
      const read = await this.#page(path, query, page);
      if ('failure' in read) return { items, truncated: read.failure };
      const { answer, elements } = read;
      if (page > 0 && answer.text === previous) {
        return { items, truncated: 'the console sent the same page twice, so paging does not advance' };
      }
      previous = answer.text;
      for (const element of elements) {
        const parsed = schema.safeParse(element);
        if (parsed.success) items.push(parsed.data);
      }
      if (elements.length < PAGE || page * PAGE + elements.length >= totalOf(answer)) return { items };
    }
    return { items, truncated: `only the first ${this.#deps.limits.maxPages} pages of ${PAGE} were read` };
  }

  /** One page, or why a later one could not be read: what was read before it stays usable. */
  async #page(path: string, query: Query, page: number) {
    try {
      const answer = await this.get(path, { ...query, offset: String(page * PAGE), limit: String(PAGE) });
      return { answer, elements: elementsOf(answer, path) };
    } catch (error) {
      if (page > 0 && isVendorTrouble(error)) return { failure: error.message };
      throw error;
    }
  }

  /** One GET; a 401 is answered with a fresh secret and token exactly once. */
  async get(path: string, query: Query): Promise<HttpAnswer> {
    const spent = this.#spent();
    if (spent !== undefined) throw new ReadBudgetError(spent);
    const token = await this.#deps.tokens.get();
    try {
      return await this.#exchange(path, query, token);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw error;
      return await this.#exchange(path, query, await this.#deps.tokens.get(token));
    }
  }

  async #exchange(path: string, query: Query, token: string): Promise<HttpAnswer> {
    const { http, limits, now } = this.#deps;
    const started = now();
    const left = limits.maxMilliseconds - this.#milliseconds;
    const answer = await request(
      http,
      {
        method: 'GET',
        url: this.#url(path, query),
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      },
      { ...limits.http, timeoutMs: Math.max(1, Math.min(limits.http.timeoutMs, left)) },
    ).finally(() => {
      this.#milliseconds += now() - started;
    });
    this.#bytes += Buffer.byteLength(answer.text);
    return answer;
  }

  #url(path: string, query: Query): string {
    const { baseUrl, project } = this.#deps.config.api;
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...query, project })) {
      if (value !== undefined && value !== '') parameters.set(name, value);
    }
    return `${baseUrl.replace(/\/+$/, '')}/api/${path}?${parameters.toString()}`;
  }

  #spent(): string | undefined {
    const { limits } = this.#deps;
    if (this.#calls >= limits.maxCalls) return `the budget of ${limits.maxCalls} calls is used up`;
    if (this.#bytes >= limits.maxBytes) return `the budget of ${limits.maxBytes} bytes is used up`;
    if (this.#milliseconds >= limits.maxMilliseconds) {
      return `the budget of ${limits.maxMilliseconds} ms is used up`;
    }
    return undefined;
  }
}

/** The elements of an answer that is a list; an empty one is `null`. @throws UnusableAnswerError */
export function elementsOf(answer: HttpAnswer, path: string): readonly unknown[] {
  const value = jsonOf(answer);
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw new UnusableAnswerError(`GET ${path.split('?', 1)[0] ?? ''} answered with something that is no list`);
}

/** `Total-Count` is sent in practice and not in the specification: without it the short page is the last. */
function totalOf(answer: HttpAnswer): number {
  const header = answer.headers.get('total-count');
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : Number.POSITIVE_INFINITY;
}
