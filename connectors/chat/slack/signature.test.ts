import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureFault, signatureOf } from './signature.ts';

/** Slack's own example ("Verifying requests from Slack", api.slack.com): secret, time, body and signature are published. */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const TIMESTAMP = '1531420618';
const BODY = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const NOW = new Date(Number(TIMESTAMP) * 1000);

const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const fault = (
  change: { timestamp?: string | undefined; signature?: string | undefined; body?: Buffer } = {},
  now = NOW,
  secret: { current: string; previous?: string } = { current: SECRET },
) => signatureFault(secret, { body: BODY, timestamp: TIMESTAMP, signature: SIGNATURE, ...change }, now);

describe('the signature of a request by Slack', () => {
  it('is the one Slack publishes for its own example', () => {
    expect(signatureOf(SECRET, TIMESTAMP, BODY)).toBe(SIGNATURE);
    expect(fault()).toBeUndefined();
  });

  it.each([
    [299, undefined],
    [300, undefined],
    [301, 'stale'],
    [-299, undefined],
    [-300, undefined],
    [-301, 'stale'],
  ] as const)(
    'is worth nothing %d seconds away - a clock ahead must not lengthen the life of a captured one',
    (seconds, expected) => {
      expect(fault({}, at(seconds))).toBe(expected);
    },
  );

  it('holds with the previous secret while it is rotated, and with no other', () => {
    const other = 'another-secret-of-another-app';
    expect(fault({}, NOW, { current: other, previous: SECRET })).toBeUndefined();
    expect(fault({}, NOW, { current: other })).toBe('forged');
    expect(fault({}, NOW, { current: other, previous: `${SECRET}x` })).toBe('forged');
  });

  it.each([
    ['no timestamp', { timestamp: undefined }, 'unsigned'],
    ['no signature', { signature: undefined }, 'unsigned'],
    ['a timestamp that is no number', { timestamp: '1531420618x' }, 'unsigned'],
    ['a negative timestamp', { timestamp: '-1531420618' }, 'unsigned'],
    ['a fraction', { timestamp: '1531420618.5' }, 'unsigned'],
    ['an exponent', { timestamp: '1e9' }, 'unsigned'],
    ['an empty timestamp', { timestamp: '' }, 'unsigned'],
    ['an empty signature', { signature: '' }, 'forged'],
    ['another scheme', { signature: SIGNATURE.replace('v0=', 'v1=') }, 'forged'],
    ['no scheme', { signature: SIGNATURE.slice(3) }, 'forged'],
    ['upper-case hex, which Slack does not write', { signature: `v0=${SIGNATURE.slice(3).toUpperCase()}` }, 'forged'],
    ['a cut signature', { signature: SIGNATURE.slice(0, -1) }, 'forged'],
    ['a longer signature', { signature: `${SIGNATURE}0` }, 'forged'],
    ['letters of more than one byte', { signature: `v0=${'é'.repeat(64)}` }, 'forged'],
    ['a body with one byte more', { body: Buffer.concat([BODY, Buffer.from(' ')]) }, 'forged'],
    ['another time than was signed', { timestamp: '1531420619' }, 'forged'],
  ] as const)('is refused with %s', (_, change, expected) => {
    expect(fault(change)).toBe(expected);
  });

  it('is over the bytes: what is no text, and every emoji, counts as it was sent', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 40 }), (bytes, text) => {
        for (const body of [Buffer.from(bytes), Buffer.from(`payload=🙂${text}`)]) {
          const mac = createHmac('sha256', SECRET)
            .update(Buffer.concat([Buffer.from(`v0:${TIMESTAMP}:`), body]))
            .digest('hex');
          expect(fault({ body, signature: `v0=${mac}` })).toBeUndefined();
        }
      }),
    );
  });

  it('throws at nothing that is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (timestamp, signature) => {
        expect(['unsigned', 'stale', 'forged']).toContain(fault({ timestamp, signature }));
      }),
    );
  });
});
