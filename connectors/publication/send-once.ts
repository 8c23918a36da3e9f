import {
  DEFAULT_LIMITS,
  type HttpAnswer,
  type HttpDeps,
  type HttpLimits,
  type HttpRequest,
  RefusedError,
  request,
  UnreachableError,
  UnusableAnswerError,
} from '../http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from './destination.ts';

/** A create may be repeated only when the other side said that it did not do it. */
const CERTAINLY_NOT_DONE = new Set([429, 503]);

/**
 * Sends something that must not happen twice. Only an explicit "not now" with a bearable Retry-After is waited for;
 * silence and other server errors end in `outcomeUnknown`, because the record may be there.
 */
export async function sendOnce(
  http: HttpDeps,
  call: HttpRequest,
  limits: HttpLimits = DEFAULT_LIMITS,
): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request(http, call, { ...limits, attempts: 1 });
    } catch (error) {
      if (attempt >= limits.attempts || !mayRepeat(error, limits)) throw toDestinationError(error, true);
      await http.sleep(error.retryAfterMs);
    }
  }
}

function mayRepeat(error: unknown, limits: HttpLimits): error is RefusedError & { retryAfterMs: number } {
  return (
    error instanceof RefusedError &&
    CERTAINLY_NOT_DONE.has(error.status) &&
    error.retryAfterMs !== undefined &&
    error.retryAfterMs <= limits.maxWaitMs
  );
}

/** Sends what may be repeated: reads, and writes that replace. */
export async function sendSafely(
  http: HttpDeps,
  call: HttpRequest,
  limits: HttpLimits = DEFAULT_LIMITS,
): Promise<HttpAnswer> {
  try {
    return await request(http, call, limits);
  } catch (error) {
    throw toDestinationError(error, false);
  }
}

/** Our words for what went wrong; an unknown error stays itself. */
function toDestinationError(error: unknown, write: boolean): unknown {
  if (error instanceof RefusedError) {
    if (error.status === 401 || error.status === 403) return error;
    if (CERTAINLY_NOT_DONE.has(error.status)) {
      return new DestinationUnavailableError(error.message, { outcomeUnknown: false }, { cause: error });
    }
    if (error.status >= 500 || error.status === 408) {
      return new DestinationUnavailableError(error.message, { outcomeUnknown: write }, { cause: error });
    }
    return new DestinationRefusedError(`${error.message}: ${error.excerpt.slice(0, 300)}`, { cause: error });
  }
  if (error instanceof UnreachableError || error instanceof UnusableAnswerError) {
    return new DestinationUnavailableError(error.message, { outcomeUnknown: write }, { cause: error });
  }
  return error;
}
