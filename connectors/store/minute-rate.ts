/** How many of something there may be in a minute, counted over all processes. */
export interface MinuteRate {
  /** Counts one more. @returns true when there are more than may be in this minute, with it or already without it */
  isExceeded(): Promise<boolean>;
}

/** A process that met the limit counts no more in that minute, so that a flood does not become a flood of counting. */
export function minuteRate(deps: {
  /** @returns how many there were in the minute, with this one */
  readonly count: (now: Date) => Promise<number>;
  readonly perMinute: number;
  readonly now: () => Date;
}): MinuteRate {
  let fullMinute = '';
  return {
    async isExceeded() {
      const now = deps.now();
      const minute = minuteOf(now);
      if (minute === fullMinute) return true;
      if ((await deps.count(now)) <= deps.perMinute) return false;
      fullMinute = minute;
      return true;
    },
  };
}

/** `2025-10-14T09:16`: what counts of one minute are kept under. */
export function minuteOf(now: Date): string {
  return now.toISOString().slice(0, 16);
}
