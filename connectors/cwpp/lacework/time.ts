const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** `27 May 2021 17:00 GMT` of webhook and event: minutes, and always GMT. */
const WORDS = /^(\d{1,2}) ([A-Za-z]{3,9}) (\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?(?: (?:GMT|UTC|Z))?$/;
/** `2022-02-10 00:06:46.292000000` of vulnerability records; without a zone it is UTC. */
const ISO = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,3})?\d{0,6}([Zz]|[+-]\d{2}:\d{2})?$/;
/** Seconds (observations) or milliseconds (reports) since 1970. */
const EPOCH = /^\d{10}$|^\d{13}$/;
/** The product is younger; 1970 and year 1 are what empty times look like. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** How far a sender's clock may run ahead of ours before its time is not believed. */
const AHEAD_MS = 24 * 3_600_000;
const MAX_TEXT = 64;

/**
 * Reads a time in any of the vendor's forms.
 * @param receivedAt epoch milliseconds; a time more than a day after it is garbage
 * @returns epoch milliseconds; undefined when it is no time or no plausible one
 */
export function parseVendorTime(text: string, receivedAt: number): number | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const at = read(text.trim().replace(/\s+/g, ' '));
  return at !== undefined && at >= EARLIEST && at <= receivedAt + AHEAD_MS ? at : undefined;
}

function read(text: string): number | undefined {
  if (EPOCH.test(text)) return Number(text) * (text.length === 10 ? 1000 : 1);
  const iso = ISO.exec(text);
  if (iso) {
    const at = Date.parse(`${iso[1]}T${iso[2]}${iso[3] ?? ''}${(iso[4] ?? 'Z').toUpperCase()}`);
    return Number.isNaN(at) ? undefined : at;
  }
  const words = WORDS.exec(text);
  if (!words) return undefined;
  const [, day = '', monthName = '', year = '', hour = '0', minute = '0', second = '0'] = words;
  const month = MONTHS.indexOf(monthName.slice(0, 3).toLowerCase());
  if (month === -1 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const at = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  // Date.UTC rolls 30 February over into March: such a date is garbage, not March.
  return new Date(at).getUTCDate() === Number(day) ? at : undefined;
}

/** As ISO 8601 UTC; undefined for what is no plausible time. */
export function isoTimeOf(text: string, now: number): string | undefined {
  const at = parseVendorTime(text, now);
  return at === undefined ? undefined : new Date(at).toISOString();
}
