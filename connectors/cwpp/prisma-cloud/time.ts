import { parseVendorTime } from '../prisma-cloud-compute/time.ts';

/** The product is younger than this; 1970 is what an empty time looks like. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** How far a sender's clock may run ahead of ours before its time is not believed. */
const AHEAD_MS = 24 * 3_600_000;
/** Below this a number of today's times counts seconds. */
const SECONDS = 100_000_000_000;

/**
 * Epoch milliseconds of a vendor time: documented as a number of milliseconds; as text, in seconds or as ISO 8601 too.
 * @param receivedAt epoch milliseconds; a time more than a day after it is garbage
 */
export function readTime(value: number | string | undefined, receivedAt: number): number | undefined {
  if (value === undefined || value === '') return undefined;
  const number =
    typeof value === 'number' ? value : /^\d{1,16}(?:\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
  if (number === undefined) return typeof value === 'string' ? parseVendorTime(value, receivedAt)?.at : undefined;
  const at = Math.round(number < SECONDS ? number * 1000 : number);
  return at >= EARLIEST && at <= receivedAt + AHEAD_MS ? at : undefined;
}
