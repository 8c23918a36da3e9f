const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ISO = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:?\d{2})$/;
/** `Dec 3, 2021, 6:02:30 PM`: Inspector's older events; UTC is our assumption, because they name no zone. */
const TWELVE_HOURS = /^([A-Za-z]{3}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2}):(\d{2})[\s\u202f]([AP])M$/;
/** `Wed Sep 04 16:55:38.411 UTC 2024`: its newer ones. */
const UNIX_DATE = /^[A-Za-z]{3} ([A-Za-z]{3}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))? (?:UTC|GMT|Z) (\d{4})$/;
/** The services are younger than this; 1970 is what an empty time looks like. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** How far a sender's clock may run ahead of ours before its time is not believed. */
const AHEAD_MS = 24 * 3_600_000;
const MAX_TEXT = 64;

/**
 * Epoch milliseconds of a time in any of the forms these services use: ISO 8601, seconds since 1970 with fraction (as a
 * number), and Inspector's two localised texts.
 * @returns undefined when it is none of them, or no plausible time before `receivedAt` and a day
 */
export function awsTime(value: unknown, receivedAt: number): number | undefined {
  const at = typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? fromText(value) : undefined;
  return at !== undefined && at >= EARLIEST && at <= receivedAt + AHEAD_MS ? at : undefined;
}

/** Seconds; what would be a year beyond 5000 as seconds are milliseconds. */
function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Math.round(value > 1e11 ? value : value * 1000);
}

function fromText(text: string): number | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const trimmed = text.trim();
  if (ISO.test(trimmed)) {
    const at = Date.parse(trimmed.replace(' ', 'T'));
    return Number.isNaN(at) ? undefined : at;
  }
  return fromTwelveHours(trimmed) ?? fromUnixDate(trimmed);
}

function fromTwelveHours(text: string): number | undefined {
  const [, month = '', day, year, hour, minute, second, half] = TWELVE_HOURS.exec(text) ?? [];
  if (year === undefined) return undefined;
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  return utc(month, { year, day, hours, minute, second, milliseconds: '0' });
}

function fromUnixDate(text: string): number | undefined {
  const [, month = '', day, hours, minute, second, fraction = '0', year] = UNIX_DATE.exec(text) ?? [];
  if (year === undefined) return undefined;
  return utc(month, { year, day, hours, minute, second, milliseconds: fraction.padEnd(3, '0') });
}

type Digits = string | number | undefined;

function utc(
  monthName: string,
  of: Readonly<Record<'year' | 'day' | 'hours' | 'minute' | 'second' | 'milliseconds', Digits>>,
): number | undefined {
  const month = MONTHS.indexOf(monthName.toLowerCase());
  const [year, day, hours, minute, second, milliseconds] = [
    of.year,
    of.day,
    of.hours,
    of.minute,
    of.second,
    of.milliseconds,
  ].map(Number);
  if (month === -1 || year === undefined || day === undefined) return undefined;
  const at = Date.UTC(year, month, day, hours, minute, second, milliseconds);
  // Date.UTC rolls Feb 30 over into March: such a date is garbage, not March.
  return new Date(at).getUTCDate() === day ? at : undefined;
}
