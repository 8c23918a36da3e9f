import * as z from 'zod';
import {
  type HttpAnswer,
  type HttpDeps,
  jsonOf,
  RefusedError,
  request,
  UnusableAnswerError,
} from '../../http/request.ts';
import { isRecord, list, text } from './lenient.ts';
import type { ReadCost, ReadLimits } from './limits.ts';
import type { Operation } from './operations.ts';
import type { Tokens, WizApi } from './token.ts';
import { GraphQlError, isVendorTrouble, ReadBudgetError } from './trouble.ts';

/** What came back. `problems`: why it may be less than was asked for; GraphQL answers 200 with half the data. */
export interface Answer<T> {
  readonly value: T;
  readonly problems: readonly string[];
}

export type Variables = Readonly<Record<string, unknown>>;

export interface GraphQlDeps {
  readonly http: HttpDeps;
  readonly tokens: Tokens;
  readonly api: Pick<WizApi, 'endpoint'>;
  readonly limits: ReadLimits;
  readonly now: () => number;
}

const errorSchema = z.object({
  message: text,
  extensions: z.object({ code: text }).optional().catch(undefined),
});
const bodySchema = z.object({ data: z.unknown().optional(), errors: list(errorSchema) });
type GraphQlProblem = z.infer<typeof errorSchema>;

/** One client's exchanges with the GraphQL endpoint, within one budget. */
export class GraphQl {
  readonly #deps: GraphQlDeps;
  #calls = 0;
  #bytes = 0;
  #milliseconds = 0;

  constructor(deps: GraphQlDeps) {
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

  /** @throws GraphQlError, ReadBudgetError, RefusedError, UnreachableError, UnusableAnswerError, SecretError */
  async ask<T>(operation: Operation, variables: Variables, schema: z.ZodType<T>): Promise<Answer<T>> {
    const { data, problems } = await this.#run(operation, variables);
    const parsed = schema.safeParse(data);
    if (!parsed.success)
      throw new UnusableAnswerError(`the answer to ${operation.name} has not the shape it should have`);
    return { value: parsed.data, problems };
  }

  /** One page of a connection; `next` is the cursor of the one after it. */
  async page<T>(
    operation: Operation,
    variables: Variables,
    schema: z.ZodType<T>,
  ): Promise<Answer<readonly T[]> & { readonly next: string | undefined }> {
    const { value, problems } = await this.ask(
      operation,
      variables,
      z.object({ [operation.field]: connectionOf(schema) }),
    );
    const { nodes = [], pageInfo } = value[operation.field] ?? {};
    return { value: nodes, problems, next: pageInfo?.hasNextPage === true ? pageInfo.endCursor : undefined };
  }

  /** All records of a connection that the limits allow; the first page must be readable, a later one may fail. */
  async all<T>(operation: Operation, variables: Variables, schema: z.ZodType<T>): Promise<Answer<readonly T[]>> {
    const { maxPages, maxItems } = this.#deps.limits;
    const page = z.object({ [operation.field]: connectionOf(schema) });
    const items: T[] = [];
    const problems: string[] = [];
    const seen = new Set<string>();
    let after: string | undefined;
    for (let count = 1; ; count += 1) {
      let answer: Answer<Record<string, Connection<T>>>;
      try {
        answer = await this.ask(operation, { ...variables, after: after ?? null }, page);
      } catch (error) {
        if (count === 1 || !isVendorTrouble(error)) throw error;
        return { value: items, problems: [...problems, error.message] };
      }
      const connection = answer.value[operation.field];
      items.push(...(connection?.nodes ?? []));
      problems.push(...answer.problems);
      const stop = stopOf(connection?.pageInfo, seen, count, items.length);
      if (stop.done) return { value: items.slice(0, maxItems), problems: [...problems, ...stop.why] };
      after = stop.after;
    }

    function stopOf(info: PageInfo | undefined, cursors: Set<string>, pages: number, read: number): Stop {
      if (info?.hasNextPage !== true)
        return { done: true, why: read > maxItems ? [`only ${maxItems} records are kept`] : [] };
      const next = info.endCursor;
      if (next === undefined || cursors.has(next)) {
        return { done: true, why: ['paging does not advance: Wiz named no next page, or one that was read before'] };
      }
      if (pages >= maxPages || read >= maxItems) {
        return { done: true, why: [`only the first ${Math.min(read, maxItems)} records were read`] };
      }
      cursors.add(next);
      return { done: false, after: next };
    }
  }

  async #run(operation: Operation, variables: Variables): Promise<{ data: unknown; problems: readonly string[] }> {
    const { limits, http } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      const { data, errors } = bodyOf(await this.#authorised(operation, variables), operation);
      if (hasData(data)) return { data, problems: errors.map(sentenceOf) };
      const [first] = errors;
      if (first === undefined && !isRecord(data))
        throw new UnusableAnswerError(`the answer to ${operation.name} has no data`);
      const code = first?.extensions?.code ?? 'NO_DATA';
      if (code !== 'RATE_LIMIT_EXCEEDED' || attempt >= limits.http.attempts) {
        throw new GraphQlError(
          first ? `${operation.name}: ${sentenceOf(first)}` : `${operation.name} gave no data`,
          code,
        );
      }
      await http.sleep(Math.round(http.random() * 200 * 2 ** attempt));
    }
  }

  /** A token that is refused, by status or inside a 200, is renewed exactly once. */
  async #authorised(operation: Operation, variables: Variables): Promise<HttpAnswer> {
    const token = await this.#deps.tokens.get();
    try {
      const answer = await this.#post(operation, variables, token);
      if (!bodyOf(answer, operation).errors.some(isUnauthenticated)) return answer;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw error;
    }
    return await this.#post(operation, variables, await this.#deps.tokens.get(token));
  }

  async #post(operation: Operation, variables: Variables, token: string): Promise<HttpAnswer> {
    const { http, api, limits, now } = this.#deps;
    const left = this.#left();
    const started = now();
    const answer = await request(
      http,
      {
        method: 'POST',
        url: api.endpoint,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'parapet',
        },
        body: JSON.stringify({ operationName: operation.name, query: operation.text, variables }),
      },
      {
        ...limits.http,
        timeoutMs: Math.max(1, Math.min(limits.http.timeoutMs, left)),
        // A repeat must not outlive the budget either.
        attempts: left > limits.http.timeoutMs * 2 ? limits.http.attempts : 1,
      },
    ).finally(() => {
      this.#milliseconds += now() - started;
    });
    this.#bytes += Buffer.byteLength(answer.text);
    return answer;
  }

  /** Milliseconds left. @throws ReadBudgetError */
  #left(): number {
    const { maxCalls, maxBytes, maxMilliseconds } = this.#deps.limits;
    if (this.#calls >= maxCalls) throw new ReadBudgetError(`the budget of ${maxCalls} calls is used up`);
    if (this.#bytes >= maxBytes) throw new ReadBudgetError(`the budget of ${maxBytes} bytes is used up`);
    const left = maxMilliseconds - this.#milliseconds;
    if (left <= 0) throw new ReadBudgetError(`the budget of ${maxMilliseconds} ms is used up`);
    return left;
  }
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor?: string | undefined;
}
interface Connection<T> {
  readonly nodes: readonly T[];
  readonly pageInfo?: PageInfo | undefined;
}
type Stop = { readonly done: true; readonly why: readonly string[] } | { readonly done: false; readonly after: string };

function connectionOf<T>(schema: z.ZodType<T>): z.ZodType<Connection<T>> {
  return z
    .object({
      nodes: list(schema),
      pageInfo: z
        .object({ hasNextPage: z.boolean().catch(false), endCursor: text })
        .optional()
        .catch(undefined),
    })
    .catch({ nodes: [] });
}

function bodyOf(answer: HttpAnswer, operation: Operation): { data: unknown; errors: readonly GraphQlProblem[] } {
  const parsed = bodySchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new UnusableAnswerError(`the answer to ${operation.name} is no GraphQL answer`);
  return { data: parsed.data.data, errors: parsed.data.errors };
}

/** Something beside nulls: an unknown record is `{issue: null}` beside an error. */
function hasData(data: unknown): boolean {
  return isRecord(data) && Object.values(data).some((value) => value !== null && value !== undefined);
}

function isUnauthenticated({ extensions }: GraphQlProblem): boolean {
  return extensions?.code === 'UNAUTHENTICATED';
}

function sentenceOf({ message, extensions }: GraphQlProblem): string {
  const said = (message ?? 'an error without a message').slice(0, 300);
  return extensions?.code === undefined ? said : `${said} (${extensions.code})`;
}
