import * as z from 'zod';
import { type HttpAnswer, type HttpDeps, type HttpRequest, jsonOf, RefusedError, request } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { CacheStore } from './cache.ts';

/** What every source of this room needs. */
export interface IntelDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly now: () => Date;
  readonly cache: CacheStore;
}

export const apiKeySchema = z.object({ apiKey: z.string().min(1) });

/** Asked once, never repeated: an answer that is late is a gap, and a repetition costs another of few calls. */
export async function once(
  http: HttpDeps,
  call: HttpRequest,
  limits: { readonly timeoutMs: number; readonly maxAnswerBytes?: number },
): Promise<HttpAnswer> {
  return await request(http, call, {
    timeoutMs: limits.timeoutMs,
    maxAnswerBytes: limits.maxAnswerBytes ?? 1_000_000,
    attempts: 1,
    maxWaitMs: 0,
  });
}

/** The body as JSON, or undefined when the source says that it does not know the thing (404). */
export async function jsonUnlessUnknown(
  http: HttpDeps,
  call: HttpRequest,
  limits: { readonly timeoutMs: number; readonly maxAnswerBytes?: number },
): Promise<unknown> {
  try {
    return jsonOf(await once(http, call, limits));
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}
