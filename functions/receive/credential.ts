import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { SecretError, type Secrets } from '../../connectors/secrets/secrets.ts';

/** The Basic credential of a webhook. While it is being changed, sender by sender, `previous` is taken as well. */
export const webhookSecretSchema = z.object({
  username: z.string().regex(/^[^:]+$/, 'must not be empty or contain a colon'),
  current: z.string().min(1),
  previous: z.string().min(1).optional(),
  previousValidUntil: z.iso.datetime().optional(),
});
type WebhookSecret = z.infer<typeof webhookSecretSchema>;

/** `unknown`: no secret can be read, so nothing can be decided (rule 9: a guard that cannot be evaluated refuses). */
export type CredentialVerdict = 'right' | 'wrong' | 'unknown';

export interface CredentialCheck {
  check(secretName: string, authorization: string | undefined): Promise<CredentialVerdict>;
}

/** A wrong credential may mean that ours is old; but whoever sends many wrong ones must not make us fetch each time. */
const REFETCH_INTERVAL_MS = 30_000;
/** How long the last readable secret stands in when Secrets Manager does not answer. */
const STALE_FOR_MS = 3600_000;

export function credentialCheck(deps: {
  readonly secrets: Secrets;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}): CredentialCheck {
  const { secrets, telemetry, now } = deps;
  const lastGood = new Map<string, { readonly secret: WebhookSecret; readonly at: number }>();
  const lastRefetch = new Map<string, number>();

  const read = async (name: string, fresh: boolean): Promise<WebhookSecret | undefined> => {
    try {
      const secret = await secrets.get(name, webhookSecretSchema, { fresh });
      lastGood.set(name, { secret, at: now().getTime() });
      return secret;
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      telemetry.error('webhook secret unreadable', { secretName: name }, error);
      telemetry.count('WebhookSecretUnreadable');
      const known = lastGood.get(name);
      return known && now().getTime() - known.at < STALE_FOR_MS ? known.secret : undefined;
    }
  };

  const mayRefetch = (name: string): boolean => {
    const at = now().getTime();
    if (at - (lastRefetch.get(name) ?? Number.NEGATIVE_INFINITY) < REFETCH_INTERVAL_MS) return false;
    lastRefetch.set(name, at);
    return true;
  };

  return {
    async check(name, authorization) {
      const given = basicCredential(authorization);
      if (given === undefined) return 'wrong';
      const secret = await read(name, false);
      if (secret === undefined) return 'unknown';
      if (matches(secret, given, now())) return 'right';
      if (!mayRefetch(name)) return 'wrong';
      const fresh = await read(name, true);
      return fresh !== undefined && matches(fresh, given, now()) ? 'right' : 'wrong';
    },
  };
}

/** The decoded `user:password` bytes of an Authorization header; undefined when it is not Basic. */
function basicCredential(header: string | undefined): Buffer | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(header ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

/** Digests have one length and every accepted pair is compared, so time tells neither length nor which one was near. */
function matches(secret: WebhookSecret, given: Buffer, now: Date): boolean {
  const digest = sha256(given);
  let match = false;
  for (const password of acceptedPasswords(secret, now)) {
    match = timingSafeEqual(sha256(`${secret.username}:${password}`), digest) || match;
  }
  return match;
}

function acceptedPasswords({ current, previous, previousValidUntil }: WebhookSecret, now: Date): readonly string[] {
  if (previous === undefined) return [current];
  const over = previousValidUntil !== undefined && Date.parse(previousValidUntil) <= now.getTime();
  return over ? [current] : [current, previous];
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
