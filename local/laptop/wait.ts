import { setTimeout as sleep } from 'node:timers/promises';

/** What was waited for did not come in time. */
export class WaitedTooLongError extends Error {
  override readonly name = 'WaitedTooLongError';
}

/**
 * Asks until there is an answer.
 * @param probe gives undefined while there is none
 * @throws WaitedTooLongError, or what `probe` throws
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  options: { readonly withinMs: number; readonly everyMs?: number },
): Promise<T> {
  const deadline = Date.now() + options.withinMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() >= deadline) {
      throw new WaitedTooLongError(`${what} did not happen within ${Math.round(options.withinMs / 1000)} seconds`);
    }
    await sleep(options.everyMs ?? 250);
  }
}
