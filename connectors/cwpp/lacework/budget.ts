/** What a call is for. Confirmation comes first: without it no alert can lead to anything. */
export type Priority = 'confirmation' | 'enrichment';

/** The hour's calls of this functionality are used up, here or in another function. Whatever was read stays usable. */
export class CallBudgetError extends Error {
  override readonly name = 'CallBudgetError';
}

/**
 * The vendor allows 480 calls in a rolling hour per user and API functionality (reference 2.2), whoever makes them. The
 * count is therefore shared by every function that holds the key.
 */
export interface CallBudget {
  /** Takes one call. @throws CallBudgetError when none is left for this priority */
  take(functionality: string, priority: Priority): Promise<void>;
  /** The vendor itself refused (429): nobody asks again before. Never throws. */
  refused(functionality: string, waitMs: number): Promise<void>;
}

/** Answers of the vendor, kept for minutes, so that the parts of one incident do not ask the same thing each. */
export interface AnswerCache {
  /** Never throws: a cache that cannot be read is an empty one. */
  get(key: string): Promise<string | undefined>;
  put(key: string, text: string): Promise<void>;
}

export const HOUR_MS = 3_600_000;
export const CACHE_MS = 5 * 60_000;
/** Of the hour's calls only so much is for enrichment; the rest waits for confirmations. */
const ENRICHMENT_SHARE = 0.8;

/**
 * How many calls this hour may have when the hour before had so many: those of the last 60 minutes count, taken as evenly
 * spread over the hour before. A plain count per hour would allow twice as many around the full hour.
 */
export function allowedNow(of: {
  readonly callsPerHour: number;
  readonly previous: number;
  readonly now: number;
  readonly priority: Priority;
}): number {
  const elapsed = (of.now % HOUR_MS) / HOUR_MS;
  const share = of.priority === 'confirmation' ? 1 : ENRICHMENT_SHARE;
  return Math.max(0, Math.floor(of.callsPerHour * share) - Math.ceil(of.previous * (1 - elapsed)));
}

export function usedUp(functionality: string, priority: Priority): CallBudgetError {
  const rest = priority === 'enrichment' ? '; what is left of it is for confirmations' : '';
  return new CallBudgetError(`the hourly budget of calls to ${functionality} is used up${rest}`);
}

export function blocked(functionality: string): CallBudgetError {
  return new CallBudgetError(`the vendor refused further calls to ${functionality} for now (429)`);
}

/** For tests and for a process that is alone with the key. */
export function memoryBudget(of: { readonly callsPerHour: number; readonly now: () => number }): CallBudget {
  const hours = new Map<string, number>();
  const blocks = new Map<string, number>();
  return {
    async take(functionality, priority) {
      const now = of.now();
      if ((blocks.get(functionality) ?? 0) > now) throw blocked(functionality);
      const hour = Math.floor(now / HOUR_MS);
      const used = hours.get(`${functionality} ${hour}`) ?? 0;
      const previous = hours.get(`${functionality} ${hour - 1}`) ?? 0;
      const allowed = allowedNow({ callsPerHour: of.callsPerHour, previous, now, priority });
      if (used >= allowed) throw usedUp(functionality, priority);
      hours.set(`${functionality} ${hour}`, used + 1);
    },
    async refused(functionality, waitMs) {
      blocks.set(functionality, of.now() + waitMs);
    },
  };
}

export function memoryCache(now: () => number): AnswerCache {
  const held = new Map<string, { readonly text: string; readonly until: number }>();
  return {
    async get(key) {
      const found = held.get(key);
      return found && found.until > now() ? found.text : undefined;
    },
    async put(key, text) {
      if (held.size > 200) held.clear();
      held.set(key, { text, until: now() + CACHE_MS });
    },
  };
}
