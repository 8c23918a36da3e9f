const ISO = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?\s?([Zz]|[+-]\d{2}:?\d{2})?$/;
/** The product is younger than this; 1970 and year 1 are what empty times look like. */
const EARLIEST = Date.UTC(2018, 0, 1);
/** How far a sender's clock may run ahead of ours before its time is not believed. */
const AHEAD_MS = 24 * 3_600_000;

/** ISO 8601 with up to nine digits of a second, with or without a zone (UTC then). Epoch milliseconds. */
export function parseWizTime(text: string | undefined, receivedAt: number): number | undefined {
  const match = ISO.exec(text ?? '');
  if (!match) return undefined;
  const [, date = '', clock = '', fraction = '', zone = 'Z'] = match;
  const at = Date.parse(`${date}T${clock}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(at) || at < EARLIEST || at > receivedAt + AHEAD_MS ? undefined : at;
}
