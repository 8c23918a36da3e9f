import {
  ProvisionedThroughputExceededException,
  ThrottlingException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { ConflictError } from '../ports.ts';
import { isTransactionContention } from './client.ts';

/** How long a writer insists when others write the same item. Replaced in tests. */
export interface Patience {
  readonly attempts: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/**
 * About 6 s in the mean before giving up with `ConflictError`; the queue then redelivers, which is the longer patience.
 * Measured against the need: transactions on one hot item complete at some 50 to 100 a second.
 */
export const PATIENCE: Patience = {
  attempts: 24,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

/** Full jitter over 20 ms, 40 ms, 80 ms … 640 ms: equal waits would let the same writers meet again. */
async function pause(patience: Patience, attempt: number): Promise<void> {
  await patience.sleep(Math.round(patience.random() * Math.min(640, 20 * 2 ** (attempt - 1))));
}

/** Another writer's transaction holds the item, or the partition is over its rate; the SDK gives up on these sooner than we do. */
export function isBusyItem(error: unknown): boolean {
  return (
    error instanceof TransactionConflictException ||
    error instanceof TransactionInProgressException ||
    error instanceof ProvisionedThroughputExceededException ||
    error instanceof ThrottlingException
  );
}

/** Somebody else's transaction or condition came first: read again and decide again. */
export function isContention(error: unknown): boolean {
  return isTransactionContention(error) || isBusyItem(error);
}

/**
 * Repeats a write while others are in its way; `write` reads what it depends on each time.
 * @throws ConflictError after the last attempt, with the cause
 */
export async function insist<T>(
  patience: Patience,
  what: string,
  write: () => Promise<T>,
  worthRepeating: (error: unknown) => boolean = isBusyItem,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (!worthRepeating(error)) throw error;
      if (attempt >= patience.attempts) {
        throw new ConflictError(`${what} was written by others at all ${attempt} attempts; try again later`, {
          cause: error,
        });
      }
      await pause(patience, attempt);
    }
  }
}
