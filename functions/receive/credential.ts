import { createHash, timingSafeEqual } from 'node:crypto';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { SecretError, type Secrets } from '../../connectors/secrets/secrets.ts';
import { liveCredentials, type WebhookSecret, webhookSecretSchema } from '../../domain/intake/webhook-secret.ts';
import type { WebhookRequest } from './request.ts';

/** `unknown`: no secret can be read, so nothing can be decided (rule 9: a guard that cannot be evaluated refuses). */
export type CredentialVerdict = 'right' | 'wrong' | 'unknown';

/** Where a credential may be in a request. */
export type Presented = Pick<WebhookRequest, 'header' | 'pathSecret'>;

export interface CredentialCheck {
  check(secretName: string, request: Presented): Promise<CredentialVerdict>;
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
    async check(name, request) {
      const secret = await read(name, false);
      if (secret === undefined) return 'unknown';
      if (matches(secret, request, now())) return 'right';
      // The form may have changed with the credential, so anything that could be one is a reason to look again.
      const something = credentialIn(secret, request) ?? request.pathSecret ?? request.header('authorization');
      if (something === undefined || !mayRefetch(name)) return 'wrong';
      const fresh = await read(name, true);
      return fresh !== undefined && matches(fresh, request, now()) ? 'right' : 'wrong';
    },
  };
}

/** Digests have one length and every live credential is compared, so time tells neither length nor which one was near. */
function matches(secret: WebhookSecret, request: Presented, now: Date): boolean {
  const given = credentialIn(secret, request);
  if (given === undefined) return false;
  const digest = sha256(given);
  let match = false;
  for (const credential of liveCredentials(secret, now)) {
    match = timingSafeEqual(sha256(credential), digest) || match;
  }
  return match;
}

/** More than any product sends, and little enough to be hashed for nothing. */
const MAX_CREDENTIAL_CHARACTERS = 4096;

/** The bytes in the place where the secret expects them; undefined when there are none, or when the address has a part too many. */
function credentialIn(secret: WebhookSecret, { header, pathSecret }: Presented): Uint8Array | undefined {
  if (secret.scheme === 'path') return bytesOf(pathSecret);
  if (pathSecret !== undefined) return undefined;
  switch (secret.scheme) {
    case 'basic':
      return basicCredential(header('authorization'));
    case 'bearer':
      return bytesOf(/^Bearer +(\S{1,4096})$/i.exec(header('authorization') ?? '')?.[1]);
    case 'header':
      return bytesOf(header(secret.header.toLowerCase()));
  }
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text === '' || text.length > MAX_CREDENTIAL_CHARACTERS) return undefined;
  return Buffer.from(text);
}

/** The decoded `user:password` bytes of an Authorization header; undefined when it is not Basic. */
function basicCredential(header: string | undefined): Uint8Array | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(header ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
