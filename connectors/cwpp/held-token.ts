import { RefusedError } from '../http/request.ts';

/** A vendor's token and when it is no longer to be used (epoch milliseconds; a margin for the way is in it). */
export interface Held {
  readonly token: string;
  readonly until: number;
}

export interface Tokens {
  /**
   * The token in use, or a new one. @param refused the token the API did not accept: secret and token are then read
   * afresh, once for all callers that were refused with the same one.
   * @throws RefusedError, UnreachableError, UnusableAnswerError, SecretError
   */
  get(refused?: string): Promise<string>;
}

/**
 * Tokens of one read credential, kept in memory only. Safe to share between clients of one configuration.
 * @param obtain asks the vendor; `fresh` reads the secret anew
 * @param refusals statuses by which the vendor refuses a credential: then it is tried once more with a fresh secret, because
 *   it may have been rotated since it was cached
 */
export function heldTokens(options: {
  readonly obtain: (fresh: boolean) => Promise<Held>;
  readonly refusals: readonly number[];
  readonly now: () => number;
}): Tokens {
  const { obtain, refusals, now } = options;
  let held: Held | undefined;
  let pending: Promise<Held> | undefined;
  const twice = async (fresh: boolean): Promise<Held> => {
    try {
      return await obtain(fresh);
    } catch (error) {
      if (fresh || !(error instanceof RefusedError) || !refusals.includes(error.status)) throw error;
      return await obtain(true);
    }
  };
  return {
    async get(refused) {
      if (held && held.token !== refused && now() < held.until) return held.token;
      pending ??= twice(refused !== undefined).finally(() => {
        pending = undefined;
      });
      held = await pending;
      return held.token;
    },
  };
}
