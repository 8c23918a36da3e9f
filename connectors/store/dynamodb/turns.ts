/**
 * Lets calls about the same thing follow one another within this process. Not needed for correctness (conditions do
 * that); it spares the writers of one batch from cancelling each other's transactions on the same incident.
 */
export interface Turns {
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function turns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(key, work) {
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      // The one before may have failed: that is its caller's matter, the next one runs all the same.
      const settled: Promise<void> = mine.then(
        () => release(last, key, settled),
        () => release(last, key, settled),
      );
      last.set(key, settled);
      return mine;
    },
  };
}

function release(last: Map<string, Promise<unknown>>, key: string, settled: Promise<unknown>): void {
  if (last.get(key) === settled) last.delete(key);
}
