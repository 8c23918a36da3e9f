import { createHmac, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import {
  type ApprovalLinks,
  LINK_AUDIENCE,
  type LinkClaims,
  type LinkReading,
  linkClaimsSchema,
} from '../../domain/approval/link.ts';
import type { Secrets } from '../secrets/secrets.ts';

/** HS256 asks for a key of at least the hash's length (RFC 7518, 3.2). */
const MINIMUM_KEY_LENGTH = 32;
export const linkSecretSchema = z.object({
  current: z.string().min(MINIMUM_KEY_LENGTH),
  /** Still accepted while links signed with it may be open; never used for signing. */
  previous: z.string().min(MINIMUM_KEY_LENGTH).optional(),
});

const ALGORITHM = 'HS256';
/** Keeps a token of another purpose that happens to be signed with the same key from being a link. */
const TYPE = 'parapet-approval+jwt';
/** Real links have about 400 characters; longer ones are not worth a signature check. */
const MAX_LINK_LENGTH = 2_000;

export function approvalLinks(deps: { readonly secrets: Secrets; readonly secretName: string }): ApprovalLinks {
  const keys = async (): Promise<readonly [string, ...string[]]> => {
    const { current, previous } = await deps.secrets.get(deps.secretName, linkSecretSchema);
    return previous === undefined ? [current] : [current, previous];
  };
  return {
    async sign(claims) {
      const [current] = await keys();
      return await new SignJWT({ per: claims.per, plan: claims.plan, inc: claims.inc })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setSubject(claims.sub)
        .setAudience(LINK_AUDIENCE)
        .setExpirationTime(claims.exp)
        .sign(bytes(current));
    },
    async read(link, now) {
      if (link.length > MAX_LINK_LENGTH || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(link)) {
        return { ok: false, refusal: 'malformed' };
      }
      for (const key of await keys()) {
        const reading = await readWith(key, link, now);
        if (reading) return reading;
      }
      return { ok: false, refusal: 'tampered' };
    },
    async formToken(approvalId, link, session) {
      const [current] = await keys();
      return formMac(current, [approvalId, link, ...(session === undefined ? [] : [session])]).toString('base64url');
    },
    async formTokenMatches(approvalId, link, token, session) {
      const given = Buffer.from(token, 'base64url');
      return (await keys()).some((key) => {
        const expected = formMac(key, [approvalId, link, ...(session === undefined ? [] : [session])]);
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
  };
}

/** undefined: not signed with this key, or not a link of ours. */
async function readWith(key: string, link: string, now: Date): Promise<LinkReading | undefined> {
  try {
    const { payload } = await jwtVerify(link, bytes(key), {
      algorithms: [ALGORITHM],
      audience: LINK_AUDIENCE,
      typ: TYPE,
      currentDate: now,
    });
    return readingOf(payload, false);
  } catch (error) {
    // jose checks the signature first and hands over the payload it then found too old.
    if (error instanceof errors.JWTExpired) return readingOf(error.payload, true);
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function readingOf(payload: unknown, expired: boolean): LinkReading | undefined {
  const claims = linkClaimsSchema.safeParse(payload);
  return claims.success ? { ok: true, claims: claims.data satisfies LinkClaims, expired } : undefined;
}

/** None of the parts holds a line break. */
function formMac(key: string, parts: readonly string[]): Buffer {
  return createHmac('sha256', key)
    .update(['parapet-form', ...parts].join('\n'))
    .digest();
}

function bytes(key: string): Uint8Array {
  return new TextEncoder().encode(key);
}
