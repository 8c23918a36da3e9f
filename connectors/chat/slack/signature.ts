import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

/** The signing secret of the app. `previous` is accepted too while the app’s secret is being regenerated. */
export const signingSecretSchema = z.object({ current: z.string().min(16), previous: z.string().min(16).optional() });
export type SigningSecret = z.infer<typeof signingSecretSchema>;

/** Both ways: a clock that runs ahead must not keep a captured request alive for longer. */
const TOLERANCE_SECONDS = 300;

export type SignatureFault = 'unsigned' | 'stale' | 'forged';

/**
 * Why a request is not Slack’s, or undefined. The bytes are those that arrived: whoever parses and writes them again signs
 * something else.
 */
export function signatureFault(
  { current, previous }: SigningSecret,
  signed: {
    readonly body: Uint8Array;
    readonly timestamp: string | undefined;
    readonly signature: string | undefined;
  },
  now: Date,
): SignatureFault | undefined {
  const { body, timestamp, signature } = signed;
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp)) return 'unsigned';
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return 'stale';
  const given = Buffer.from(signature);
  const secrets = previous === undefined ? [current] : [current, previous];
  const genuine = secrets.map((secret) => {
    const expected = Buffer.from(signatureOf(secret, timestamp, body));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return genuine.includes(true) ? undefined : 'forged';
}

/** Scheme `v0`: the hex HMAC-SHA256 over version, timestamp and body. */
export function signatureOf(secret: string, timestamp: string, body: Uint8Array): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}
