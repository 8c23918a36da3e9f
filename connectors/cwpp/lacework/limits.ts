import {
  DEFAULT_LIMITS,
  type HttpLimits,
  RefusedError,
  UnreachableError,
  UnusableAnswerError,
} from '../../http/request.ts';
import { SecretError } from '../../secrets/secrets.ts';
import { CallBudgetError } from './budget.ts';

/** The calls, bytes or seconds allowed for this client are used up. Whatever was read before stays usable. */
export class ReadBudgetError extends Error {
  override readonly name = 'ReadBudgetError';
}

/** Everything that can go wrong between us and the vendor, as opposed to a fault of ours. */
export function isVendorTrouble(error: unknown): error is Error {
  return [RefusedError, UnreachableError, UnusableAnswerError, SecretError, ReadBudgetError, CallBudgetError].some(
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

/** Each attempt costs a call of the hour, so it is the reader that repeats, and only once. */
export const DEFAULT_READ_LIMITS: ReadLimits = {
  http: { ...DEFAULT_LIMITS, attempts: 1 },
  maxPages: 5,
  maxCalls: 25,
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
