/** Sensors of this kind are younger than this; 1970 and year 1 are what empty times look like. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** How far a sender's clock may run ahead of ours before its time is not believed. */
const AHEAD_MS = 24 * 3_600_000;
const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * An RFC 3339 time of any fineness as epoch milliseconds, the rest of the fraction cut off.
 * @param receivedAt epoch milliseconds; a time more than a day after it is garbage
 * @returns undefined when it is no such text or no plausible time
 */
export function parseEventTime(text: string, receivedAt: number): number | undefined {
  const match = RFC3339.exec(text.slice(0, 64).trim());
  if (!match) return undefined;
  const [, day = '', clock = '', fraction = '', zone = ''] = match;
  const at = Date.parse(`${day}T${clock}.${fraction.slice(0, 3).padEnd(3, '0')}${zone.toUpperCase()}`);
  return isPlausible(at, receivedAt) ? at : undefined;
}

export function isPlausible(at: number, receivedAt: number): boolean {
  return Number.isInteger(at) && at >= EARLIEST && at <= receivedAt + AHEAD_MS;
}

/** Whether the text is a time at all, however implausible. */
export function isTime(text: string): boolean {
  return RFC3339.test(text.trim());
}
