/** `second`: a point in time. `day`: a date without a time of day, read as its first moment in the named zone. */
export interface VendorTime {
  readonly at: number;
  readonly precision: 'second' | 'day';
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TEXT =
  /^([A-Za-z]{3,9})\.? (\d{1,2}), (\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?(?: ([A-Za-z]{1,5}|[+-]\d{2}:?\d{2}))?$/;
const ISO = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
/** Hours from UTC of the zone names that are unambiguous in practice; any other name makes the time unreadable. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};
/** The product is younger than this; 1970 and year 1 are what empty times look like. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** How far a sender's clock may run ahead of ours before its time is not believed. */
const AHEAD_MS = 24 * 3_600_000;
const MAX_TEXT = 64;

/**
 * Reads `#time`: `Oct 14, 2025 09:16:04 UTC`, its older form with date and zone only, or ISO 8601.
 * @param receivedAt epoch milliseconds; a time more than a day after it is garbage
 * @returns undefined when it is no such text or no plausible time
 */
export function parseVendorTime(text: string, receivedAt: number): VendorTime | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const read = parseText(text.trim().replace(/\s+/g, ' '));
  return read && read.at >= EARLIEST && read.at <= receivedAt + AHEAD_MS ? read : undefined;
}

function parseText(text: string): VendorTime | undefined {
  if (ISO.test(text)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : { at, precision: 'second' };
  }
  const match = TEXT.exec(text);
  if (!match) return undefined;
  const [, monthName = '', day = '', year = '', hour, minute = '0', second = '0', zone = 'UTC'] = match;
  const month = MONTHS.indexOf(monthName.slice(0, 3).toLowerCase());
  const offset = offsetMinutes(zone);
  if (month === -1 || offset === undefined) return undefined;
  const local = Date.UTC(Number(year), month, Number(day), Number(hour ?? 0), Number(minute), Number(second));
  // Date.UTC rolls Feb 30 over into March: such a date is garbage, not March.
  if (new Date(local).getUTCDate() !== Number(day) || Number(hour ?? 0) > 23) return undefined;
  return { at: local - offset * 60_000, precision: hour === undefined ? 'day' : 'second' };
}

function offsetMinutes(zone: string): number | undefined {
  const numeric = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (numeric) return (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3]));
  const name = zone.toUpperCase();
  const hours = Object.hasOwn(ZONES, name) ? ZONES[name] : undefined;
  return hours === undefined ? undefined : hours * 60;
}

const CANONICAL_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A point in time in the webhook's own spelling, to the second; the API writes ISO 8601 with milliseconds. A date without
 * a time of day, and what is no time, stay as they are. No clock is asked: the same text always gives the same text.
 */
export function canonicalTime(text: string): string {
  const read = text.length > MAX_TEXT ? undefined : parseText(text.trim().replace(/\s+/g, ' '));
  if (read?.precision !== 'second') return text;
  const at = new Date(read.at);
  const month = CANONICAL_MONTHS[at.getUTCMonth()];
  return `${month} ${at.getUTCDate()}, ${at.getUTCFullYear()} ${at.toISOString().slice(11, 19)} UTC`;
}
