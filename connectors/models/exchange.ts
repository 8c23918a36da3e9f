import * as z from 'zod';
import {
  type HttpAnswer,
  type HttpDeps,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../http/request.ts';
import { SecretError, type Secrets } from '../secrets/secrets.ts';
import { isBearable, MAX_ANSWER_BYTES } from './answer.ts';
import type { Deadline } from './deadline.ts';
import { RungRefusedError } from './ladder.ts';
import { ModelError, type ModelErrorKind } from './port.ts';

export const modelSecretSchema = z.object({ apiKey: z.string().min(1) });

/** A provider spoken to with plain `fetch`. */
export interface Door {
  readonly http: HttpDeps;
  readonly secrets: () => Promise<Secrets>;
  /** For messages: `OpenAI-compatible server`. */
  readonly who: string;
  readonly url: string;
  /** Absent: no key is sent. */
  readonly secret: string | undefined;
  readonly headers: (apiKey: string | undefined) => Readonly<Record<string, string>>;
}

/** Calls made, for the record: also those that failed. */
export interface Attempts {
  made: number;
}

/** A longer Retry-After is the state machine's matter. */
const MAX_WAIT_MS = 5_000;
const REPETITIONS = 1;

/**
 * Posts one body: one repetition after what may pass by itself, a fresh key once after 401, everything within the deadline
 * and the size limit. @throws ModelError (RungRefusedError for 400 and 422)
 */
export async function post(door: Door, body: object, deadline: Deadline, attempts: Attempts): Promise<HttpAnswer> {
  let repetitions = REPETITIONS;
  let fresh = false;
  for (;;) {
    try {
      const apiKey = await keyOf(door, fresh, deadline);
      attempts.made += 1;
      return await deadline.race(send(door, body, apiKey, deadline));
    } catch (error) {
      if (error instanceof RefusedError && error.status === 401 && !fresh && door.secret !== undefined) {
        fresh = true;
        continue;
      }
      const failure = failureOf(door, error);
      const wait = failure.retryAfterMs ?? door.http.random() * 500;
      if (repetitions === 0 || !PASSING.has(failure.kind) || !isPassing(error) || wait > MAX_WAIT_MS) throw failure;
      repetitions -= 1;
      await deadline.race(door.http.sleep(wait));
    }
  }
}

async function send(door: Door, body: object, apiKey: string | undefined, { signal }: Deadline): Promise<HttpAnswer> {
  const http: HttpDeps = {
    ...door.http,
    fetch: (url, init) =>
      door.http.fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal }),
  };
  const headers = { 'content-type': 'application/json', ...door.headers(apiKey) };
  const call = { method: 'POST', url: door.url, headers, body: JSON.stringify(body) };
  // The deadline is the limit in time; this one only keeps a forgotten timer from living longer.
  return await request(http, call, {
    timeoutMs: 150_000,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    attempts: 1,
    maxWaitMs: 0,
  });
}

async function keyOf({ secrets, secret }: Door, fresh: boolean, deadline: Deadline): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  const read = async () => await (await secrets()).get(secret, modelSecretSchema, { fresh });
  return (await deadline.race(read())).apiKey;
}

/** The body as JSON. A wire that speaks no JSON is out of order, which is not the model's nonsense. @throws ModelError */
export function bodyOf({ who }: Pick<Door, 'who'>, { text }: HttpAnswer): unknown {
  if (!isBearable(text)) throw new ModelError('unavailable', `${who}: the answer is nested too deep`);
  try {
    return JSON.parse(text);
  } catch {
    // A JSON error quotes the text it failed on, so it is not kept.
    throw new ModelError('unavailable', `${who}: the answer is not JSON`);
  }
}

const PASSING: ReadonlySet<ModelErrorKind> = new Set(['throttled', 'unavailable', 'timeout']);

/** An answer that cannot be used would come again, and would be paid for again. */
function isPassing(error: unknown): boolean {
  return error instanceof RefusedError || error instanceof UnreachableError;
}

/** A failure in our words. What the other side wrote is not kept: it may quote the prompt or the key. */
function failureOf({ who }: Door, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof SecretError) return new ModelError('config', error.message, { cause: error });
  if (error instanceof UnusableAnswerError)
    return new ModelError('unavailable', `${who}: the answer cannot be used`, { cause: error });
  if (!(error instanceof RefusedError))
    return new ModelError('unavailable', `${who} could not be reached`, { cause: error });
  const { status, retryAfterMs } = error;
  const kind = kindOf(error);
  const message = `${who} answered ${status}`;
  if (kind === 'invalid_request' && (status === 400 || status === 422)) return new RungRefusedError(message);
  return new ModelError(kind, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

const TOO_LONG =
  /too long|too many (?:input )?tokens|context[_ ](?:window|length)|maximum (?:input|context)|exceeds? the (?:model|maximum|limit)/i;

function kindOf({ status, excerpt }: RefusedError): ModelErrorKind {
  switch (status) {
    case 400:
    case 422:
      return TOO_LONG.test(excerpt) ? 'too_long' : 'invalid_request';
    case 401:
    case 403:
      return 'denied';
    case 408:
    case 504:
      return 'timeout';
    case 413:
      return 'too_long';
    case 429:
      return 'throttled';
    default:
      return status >= 500 || status === 409 || status === 425 ? 'unavailable' : 'invalid_request';
  }
}
