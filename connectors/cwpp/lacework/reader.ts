import type * as z from 'zod';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import {
  type HttpAnswer,
  type HttpDeps,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';
import type { AnswerCache, CallBudget, Priority } from './budget.ts';
import { parseJsonText } from './json-text.ts';
import { isVendorTrouble, type Listing, ReadBudgetError, type ReadCost, type ReadLimits } from './limits.ts';
import { pageSchema } from './records.ts';
import type { LaceworkConfiguration, Tokens } from './token.ts';

export interface ReaderDeps {
  readonly http: HttpDeps;
  readonly tokens: Tokens;
  readonly config: LaceworkConfiguration;
  readonly budget: CallBudget;
  readonly cache: AnswerCache;
  readonly limits: ReadLimits;
  readonly now: () => number;
}

/** One call below `/api/v2/`. `functionality` is what the vendor counts by: the path without ids. */
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly functionality: string;
  readonly priority: Priority;
}

/** Without `Retry-After` or `RateLimit-Reset`, a refused functionality is left alone for so long. */
const BLOCK_MS = 60_000;

/** GET and search only, with the token, the two budgets, the cache and the paging of the API. */
export class Reader {
  readonly #deps: ReaderDeps;
  readonly #base: string;
  #calls = 0;
  #bytes = 0;
  #milliseconds = 0;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
    this.#base = `${deps.config.api.baseUrl.replace(/\/+$/, '')}/api/v2/`;
  }

  get cost(): ReadCost {
    return { calls: this.#calls, bytes: this.#bytes, milliseconds: this.#milliseconds };
  }

  /** `data` of one answer; undefined when there is none (204, 404). @throws what isVendorTrouble knows */
  async one(call: Call): Promise<unknown> {
    try {
      return this.#pageOf(await this.#answer(call, this.#urlOf(call)), call).data;
    } catch (error) {
      if (error instanceof RefusedError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All records of a list that the limits allow, page by page. @throws when not even the first page could be read */
  async list<T>(call: Call, schema: z.ZodType<T>): Promise<Listing<T>> {
    const items: T[] = [];
    const seen = new Set<string>();
    let url = this.#urlOf(call);
    for (let page = 0; page < this.#deps.limits.maxPages; page += 1) {
      seen.add(url);
      const read = await this.#tryPage(page === 0 ? call : { ...call, method: 'GET', body: undefined }, url, page);
      if ('failure' in read) return { items, truncated: read.failure };
      for (const element of read.elements) {
        const parsed = schema.safeParse(element);
        if (parsed.success) items.push(parsed.data);
      }
      if (read.next === '') return { items };
      if (!this.#isOurs(read.next)) {
        return { items, truncated: 'the link to the next page leads to another place and is not followed' };
      }
      if (seen.has(read.next))
        return { items, truncated: 'the link to the next page leads back, so paging does not advance' };
      url = read.next;
    }
    return { items, truncated: `only the first ${this.#deps.limits.maxPages} pages were read` };
  }

  /**
   * One page. @param next what the page before gave: the rest of its link, below our own base and never an address
   * @throws what isVendorTrouble knows, also for a link that leads elsewhere
   */
  async page<T>(
    call: Call,
    schema: z.ZodType<T>,
    next?: string,
  ): Promise<{ readonly items: readonly T[]; readonly next: string | undefined }> {
    const url = next === undefined ? this.#urlOf(call) : `${this.#base}${next}`;
    if (!this.#isOurs(url)) throw new UnusableAnswerError('the link to the next page leads to another place');
    const asked: Call = next === undefined ? call : { ...call, method: 'GET', body: undefined };
    const read = this.#pageOf(await this.#answer(asked, url), asked);
    if (read.next !== '' && !this.#isOurs(read.next)) {
      throw new UnusableAnswerError('the link to the next page leads to another place');
    }
    const elements = Array.isArray(read.data) ? read.data : [];
    return {
      items: elements.flatMap((element) => {
        const parsed = schema.safeParse(element);
        return parsed.success ? [parsed.data] : [];
      }),
      next: read.next === '' ? undefined : new URL(read.next).href.slice(new URL(this.#base).href.length),
    };
  }

  /** A page, or why a later one could not be read: what was read before it stays usable. */
  async #tryPage(call: Call, url: string, page: number) {
    try {
      const { data, next } = this.#pageOf(await this.#answer(call, url), call);
      return { elements: Array.isArray(data) ? data : data === undefined || data === null ? [] : [data], next };
    } catch (error) {
      if (page === 0 && error instanceof RefusedError && error.status === 404) return { elements: [], next: '' };
      if (page > 0 && isVendorTrouble(error)) return { failure: error.message };
      throw error;
    }
  }

  #pageOf(text: string, call: Call): { readonly data: unknown; readonly next: string } {
    if (text === '') return { data: undefined, next: '' };
    const parsed = pageSchema.safeParse(parseJsonText(text));
    if (!parsed.success)
      throw new UnusableAnswerError(`${call.method} ${call.functionality} answered with something that is no list`);
    return { data: parsed.data.data, next: parsed.data.paging?.urls.nextPage ?? '' };
  }

  #urlOf(call: Call): string {
    const query = new URLSearchParams(call.query ?? {}).toString();
    return `${this.#base}${call.path}${query === '' ? '' : `?${query}`}`;
  }

  /** The token goes only to the place that is configured, whatever an answer says. */
  #isOurs(next: string): boolean {
    return URL.canParse(next) && new URL(next).href.startsWith(new URL(this.#base).href) && next.length <= 4_096;
  }

  async #answer(call: Call, url: string): Promise<string> {
    const key = sha256Hex(
      JSON.stringify([this.#deps.config.api.subAccount ?? '', call.method, url, call.body ?? null]),
    );
    const known = await this.#deps.cache.get(key);
    if (known !== undefined) return known;
    const text = await this.#authorized(call, url);
    // Nothing found may be found in a moment: only what is there is kept.
    if (text !== '') await this.#deps.cache.put(key, text);
    return text;
  }

  /** A 401 is answered with a fresh secret and token exactly once, also in the middle of paging. */
  async #authorized(call: Call, url: string): Promise<string> {
    const token = await this.#deps.tokens.get();
    try {
      return await this.#repeated(call, url, token);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw error;
      return await this.#repeated(call, url, await this.#deps.tokens.get(token));
    }
  }

  /** One repetition for what may pass by itself; a 429 speaks of the hour, so it is not repeated but told to the others. */
  async #repeated(call: Call, url: string, token: string): Promise<string> {
    try {
      return await this.#exchange(call, url, token);
    } catch (error) {
      if (error instanceof RefusedError && error.status === 429) {
        await this.#deps.budget.refused(call.functionality, error.retryAfterMs ?? BLOCK_MS);
        throw error;
      }
      const passing = error instanceof UnreachableError || (error instanceof RefusedError && error.status >= 500);
      if (!passing || this.#spent() !== undefined) throw error;
      await this.#deps.http.sleep(Math.round(this.#deps.http.random() * 400));
      return await this.#exchange(call, url, token);
    }
  }

  async #exchange(call: Call, url: string, token: string): Promise<string> {
    const { http, limits, now, budget, config } = this.#deps;
    const spent = this.#spent();
    if (spent !== undefined) throw new ReadBudgetError(spent);
    await budget.take(call.functionality, call.priority);
    this.#calls += 1;
    const started = now();
    const left = limits.maxMilliseconds - this.#milliseconds;
    const answer: HttpAnswer = await request(
      http,
      {
        method: call.method,
        url,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(config.api.subAccount === undefined ? {} : { 'account-name': config.api.subAccount }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      },
      { ...limits.http, attempts: 1, timeoutMs: Math.max(1, Math.min(limits.http.timeoutMs, left)) },
    ).finally(() => {
      this.#milliseconds += now() - started;
    });
    this.#bytes += Buffer.byteLength(answer.text);
    return answer.status === 204 ? '' : answer.text;
  }

  #spent(): string | undefined {
    const { limits } = this.#deps;
    if (this.#calls >= limits.maxCalls) return `the budget of ${limits.maxCalls} calls is used up`;
    if (this.#bytes >= limits.maxBytes) return `the budget of ${limits.maxBytes} bytes is used up`;
    if (this.#milliseconds >= limits.maxMilliseconds) return `the budget of ${limits.maxMilliseconds} ms is used up`;
    return undefined;
  }
}
