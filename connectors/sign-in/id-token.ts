import { errors, type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { CLOCK_TOLERANCE_SECONDS } from '../../domain/approval/proof.ts';
import type { SignInConfiguration } from '../../domain/config/sign-in.ts';
import { idClaimsSchema } from './schema.ts';

export type { JSONWebKeySet };

/** The provider's word is not good for signing in: forged, for somebody else, stale, or weaker than configured. */
export class NotSignedInError extends Error {
  override readonly name = 'NotSignedInError';
}

/** Only asymmetric ones: a key that is published must never be one that signs. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** The token was asked for a moment ago. */
const MAX_TOKEN_AGE = '10 minutes';

export interface Identity {
  readonly subject: string;
  readonly authenticatedAt: Date;
}

/** @throws NotSignedInError; what `keys` throws when they cannot be fetched */
export async function verifyIdToken(
  token: string,
  expected: {
    readonly signIn: SignInConfiguration;
    readonly keys: JWTVerifyGetKey;
    readonly nonce: string;
    /** How long ago the person may have signed in at most. */
    readonly maxAgeSeconds: number;
    readonly now: Date;
  },
): Promise<Identity> {
  const { signIn, now } = expected;
  const payload = await signed(token, expected);
  const parsed = idClaimsSchema.safeParse(payload);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new NotSignedInError(`the ID token lacks or has malformed: ${names}`);
  }
  const claims = parsed.data;
  const several = Array.isArray(claims.aud) && claims.aud.length > 1;
  if (claims.azp === undefined ? several : claims.azp !== signIn.clientId) {
    throw new NotSignedInError('the ID token was issued to another client (azp)');
  }
  if (claims.nonce !== expected.nonce) throw new NotSignedInError('the ID token belongs to another sign-in (nonce)');
  const age = now.getTime() / 1000 - claims.auth_time;
  if (age > expected.maxAgeSeconds + CLOCK_TOLERANCE_SECONDS || age < -CLOCK_TOLERANCE_SECONDS) {
    throw new NotSignedInError('the provider did not ask the person to sign in anew (auth_time)');
  }
  if (signIn.acr !== undefined && !signIn.acr.some((level) => level === claims.acr)) {
    throw new NotSignedInError('the sign-in is weaker than the configuration demands (acr)');
  }
  const lacking = (signIn.amr ?? []).filter((method) => !(claims.amr ?? []).includes(method));
  if (lacking.length > 0) {
    throw new NotSignedInError(`the sign-in is weaker than the configuration demands (amr: ${lacking.join(', ')})`);
  }
  return { subject: claims.sub, authenticatedAt: new Date(claims.auth_time * 1000) };
}

async function signed(
  token: string,
  { signIn, keys, now }: { readonly signIn: SignInConfiguration; readonly keys: JWTVerifyGetKey; readonly now: Date },
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer: signIn.issuer,
      audience: signIn.clientId,
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      maxTokenAge: MAX_TOKEN_AGE,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: now,
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) {
      throw new NotSignedInError(`the ID token is not valid: ${cause.message}`, { cause });
    }
    throw cause;
  }
}
