import * as z from 'zod';
import type { Source } from '../source.ts';

/** In which form a sender shows its credential; which one holds for a source is said by its secret, not by the configuration. */
export const WEBHOOK_SCHEMES = ['basic', 'bearer', 'header', 'path'] as const;
export type WebhookScheme = (typeof WEBHOOK_SCHEMES)[number];

const value = z.string().min(1);
const until = z.iso.datetime();
const user = z.string().regex(/^[^:]+$/, 'must not be empty or contain a colon');
/** Only characters that no proxy encodes: the address must reach us letter by letter. Short ones could be guessed. */
const pathPart = z.string().regex(/^[A-Za-z0-9._~-]{16,256}$/, 'must be 16 to 256 letters, digits or ._~-');
const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header');

const live = { current: value, previous: value.optional(), previousValidUntil: until.optional() };
const further = { value, validUntil: until.optional() };

/**
 * What a webhook secret holds. Several credentials may be live: `current`; `previous` while the sender is being changed; and `also`, for
 * a second sender of the same source. A secret without `scheme` is `basic`, the form before there were others.
 */
export const webhookSecretSchema = z.lazy(() =>
  z.discriminatedUnion('scheme', [
    z.object({
      scheme: z.literal('basic').default('basic'),
      username: user,
      ...live,
      also: z.array(z.object({ username: user.optional(), ...further })).default([]),
    }),
    z.object({ scheme: z.literal('bearer'), ...live, also: z.array(z.object(further)).default([]) }),
    z.object({
      scheme: z.literal('header'),
      header: headerName,
      ...live,
      also: z.array(z.object(further)).default([]),
    }),
    z.object({
      scheme: z.literal('path'),
      current: pathPart,
      previous: pathPart.optional(),
      previousValidUntil: until.optional(),
      also: z.array(z.object({ ...further, value: pathPart })).default([]),
    }),
  ]),
);
export type WebhookSecret = z.infer<typeof webhookSecretSchema>;

/** Every text that is a right credential now: for `basic` the pair `user:password`, else the value itself. */
export function liveCredentials(secret: WebhookSecret, now: Date): readonly string[] {
  const { current, previous, previousValidUntil } = secret;
  const isLive = (end: string | undefined): boolean => end === undefined || Date.parse(end) > now.getTime();
  const values = [current, ...(previous !== undefined && isLive(previousValidUntil) ? [previous] : [])];
  if (secret.scheme !== 'basic') {
    return [...values, ...secret.also.filter(({ validUntil }) => isLive(validUntil)).map((one) => one.value)];
  }
  const { username } = secret;
  return [
    ...values.map((password) => `${username}:${password}`),
    ...secret.also
      .filter(({ validUntil }) => isLive(validUntil))
      .map((one) => `${one.username ?? username}:${one.value}`),
  ];
}

/** The form each product can send (docs/operating.md); the stack generates the secret in it, a person may choose another. */
export const USUAL_SCHEMES: Readonly<Record<Source, WebhookScheme>> = {
  'prisma-cloud-compute': 'basic',
  'prisma-cloud': 'header',
  wiz: 'bearer',
  lacework: 'path',
  falco: 'basic',
  guardduty: 'bearer',
  inspector: 'bearer',
  generic: 'bearer',
};

export const USUAL_USERNAME = 'parapet';
export const USUAL_HEADER = 'x-parapet-token';
