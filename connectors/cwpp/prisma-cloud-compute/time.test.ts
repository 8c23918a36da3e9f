import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVendorTime } from './time.ts';

const RECEIVED = Date.UTC(2025, 9, 14, 12);

describe('vendor times', () => {
  it.each([
    ['Oct 14, 2025 09:16:04 UTC', '2025-10-14T09:16:04.000Z'],
    ['October 14, 2025 09:16:04 GMT', '2025-10-14T09:16:04.000Z'],
    ['  Oct  14,  2025  09:16:04  UTC ', '2025-10-14T09:16:04.000Z'],
    ['Oct 14, 2025 09:16:04', '2025-10-14T09:16:04.000Z'],
    ['Oct 14, 2025 02:16:04 PDT', '2025-10-14T09:16:04.000Z'],
    ['Oct 14, 2025 11:16:04 +0200', '2025-10-14T09:16:04.000Z'],
    ['2025-10-14T09:16:04.128Z', '2025-10-14T09:16:04.128Z'],
    ['2025-10-14T11:16:04+02:00', '2025-10-14T09:16:04.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseVendorTime(text, RECEIVED)).toEqual({ at: Date.parse(iso), precision: 'second' });
  });

  it('with a date and a zone only is the start of that day', () => {
    expect(parseVendorTime('Oct 14, 2025 UTC', RECEIVED)).toEqual({ at: Date.UTC(2025, 9, 14), precision: 'day' });
  });

  it.each([
    '',
    'now',
    'Jan 1, 1970 00:00:00 UTC',
    'Jan 1, 0001 00:00:00 UTC',
    '0001-01-01T00:00:00Z',
    'Oct 32, 2025 09:16:04 UTC',
    'Feb 30, 2025 09:16:04 UTC',
    'Oct 14, 2025 25:16:04 UTC',
    'Foo 14, 2025 09:16:04 UTC',
    'Oct 14, 2025 09:16:04 XYZ',
    'Oct 14, 2999 09:16:04 UTC',
    '1760433364',
    '14.10.2025 09:16',
    'x'.repeat(1_000_000),
  ])('%s is no time', (text) => {
    expect(parseVendorTime(text, RECEIVED)).toBeUndefined();
  });

  it('never gives a time before the product existed or more than a day ahead', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          const read = parseVendorTime(text, RECEIVED);
          if (!read) return;
          expect(read.at).toBeGreaterThanOrEqual(Date.UTC(2015, 0, 1));
          expect(read.at).toBeLessThanOrEqual(RECEIVED + 24 * 3_600_000);
        },
      ),
    );
  });
});
