/** The call could not be completed: no answer, or none within the limits. Trying later may help. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** The other side answered, and the answer is no. `status` decides what the caller does. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  /** Start of the answer's body for the log, capped; never a credential, because we only keep what they sent. */
  readonly excerpt: string;
  readonly retryAfterMs: number | undefined;
  /** How the REST services of AWS name a refusal; their bodies need not repeat it. */
  readonly errorType: string | null;
  constructor(
    message: string,
    answer: { status: number; excerpt: string; retryAfterMs?: number | undefined; errorType?: string | null },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = answer.status;
    this.excerpt = answer.excerpt;
    this.retryAfterMs = answer.retryAfterMs;
    this.errorType = answer.errorType ?? null;
  }
}

/** The answer is larger than we are willing to read, or is not what it says it is. Trying again will not help. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface HttpLimits {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Attempts in all, for answers and failures worth repeating (429, 502, 503, 504, 500, no connection). 1 = never repeat. */
  readonly attempts: number;
  /** A longer Retry-After is not waited for: the caller (Step Functions, the next poll) has more patience than a Lambda. */
  readonly maxWaitMs: number;
}

/** Everything a test may want to replace. */
export interface HttpDeps {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

export const realHttp: HttpDeps = {
  fetch: (...args) => globalThis.fetch(...args),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

export const DEFAULT_LIMITS: HttpLimits = {
  timeoutMs: 10_000,
  maxAnswerBytes: 5_000_000,
  attempts: 3,
  maxWaitMs: 5_000,
};

const WORTH_REPEATING = new Set([429, 500, 502, 503, 504]);

/**
 * One HTTP exchange with a time limit, a size limit and bounded retries; redirects are refused, because a redirect would
 * carry a credential to a place nobody configured.
 * @returns any answer below 400
 * @throws RefusedError (4xx, 5xx after the last attempt), UnreachableError, UnusableAnswerError
 */
export async function request(
  http: HttpDeps,
  call: HttpRequest,
  limits: HttpLimits = DEFAULT_LIMITS,
): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= limits.attempts;
    try {
      const answer = await exchange(http, call, limits);
      if (answer.status < 400) return answer;
      const refusal = refusalOf(call, answer);
      if (last || !WORTH_REPEATING.has(answer.status) || (refusal.retryAfterMs ?? 0) > limits.maxWaitMs) throw refusal;
      await http.sleep(refusal.retryAfterMs ?? backOff(http, attempt));
    } catch (error) {
      if (!(error instanceof UnreachableError) || last) throw error;
      await http.sleep(backOff(http, attempt));
    }
  }
}

async function exchange(http: HttpDeps, call: HttpRequest, limits: HttpLimits): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await http.fetch(call.url, {
      method: call.method,
      redirect: 'manual',
      signal,
      ...(call.headers ? { headers: call.headers } : {}),
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new UnusableAnswerError(`${describe(call)} answered with a redirect, which is never followed`);
    }
    return {
      status: response.status,
      headers: response.headers,
      text: await readCapped(response, call, limits.maxAnswerBytes),
    };
  } catch (error) {
    if (error instanceof UnusableAnswerError) throw error;
    const why = signal.aborted ? `did not answer within ${limits.timeoutMs} ms` : 'could not be reached';
    throw new UnreachableError(`${describe(call)} ${why}`, { cause: error });
  }
}

async function readCapped(response: Response, call: HttpRequest, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new UnusableAnswerError(`${describe(call)} answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusalOf(call: HttpRequest, answer: HttpAnswer): RefusedError {
  return new RefusedError(`${describe(call)} answered ${answer.status}`, {
    status: answer.status,
    excerpt: answer.text.slice(0, 500),
    retryAfterMs: retryAfter(answer.headers.get('retry-after')),
    errorType: answer.headers.get('x-amzn-errortype'),
  });
}

/** Retry-After in milliseconds; seconds form only, the date form is treated as absent. */
export function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header.trim()) ? Number(header.trim()) * 1000 : undefined;
}

/** Full jitter over 200 ms, 400 ms, 800 ms … */
function backOff(http: HttpDeps, attempt: number): number {
  return Math.round(http.random() * 200 * 2 ** (attempt - 1));
}

/** Method, host and path: never the query, which may name secrets or people. */
function describe(call: HttpRequest): string {
  const url = new URL(call.url);
  return `${call.method} ${url.host}${url.pathname}`;
}

/** The answer's body as JSON. @throws UnusableAnswerError */
export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    throw new UnusableAnswerError(`the answer (status ${answer.status}) is not JSON: ${answer.text.slice(0, 80)}`, {
      cause,
    });
  }
}
