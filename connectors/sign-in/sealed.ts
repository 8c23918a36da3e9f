import { createHash, hkdfSync } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt, jwtVerify, SignJWT } from 'jose';
import type { Proof } from '../../domain/approval/approval.ts';
import { linkSecretSchema } from '../links/approval-links.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { sessionSchema, type UnderWay, underWaySchema } from './schema.ts';

/** Long enough to find the phone with the second factor. */
export const UNDER_WAY_SECONDS = 600;
const SESSION_TYPE = 'parapet-session+jwt';
const UNDER_WAY_TYPE = 'parapet-sign-in+jwt';
/** Above what we make of the longest link (2,000); a browser keeps 4,096. */
const MAX_LENGTH = 4_096;

/** For whom a session is: one person, one question, one link. */
export interface SessionOf {
  readonly approvalId: string;
  readonly person: string;
  readonly link: string;
}

export interface SignInTokens {
  sealUnderWay(underWay: UnderWay, now: Date): Promise<string>;
  /** undefined: not ours, or too old. */
  openUnderWay(token: string, now: Date): Promise<UnderWay | undefined>;
  signSession(of: SessionOf, proof: Proof, expires: Date): Promise<string>;
  /** undefined: not ours, over, or of another person, question or link. */
  readSession(token: string, of: SessionOf, now: Date): Promise<Proof | undefined>;
}

export function signInTokens(deps: { readonly secrets: Secrets; readonly secretName: string }): SignInTokens {
  const keys = async (label: string): Promise<readonly [Uint8Array, ...Uint8Array[]]> => {
    const { current, previous } = await deps.secrets.get(deps.secretName, linkSecretSchema);
    const first = keyOf(current, label);
    return previous === undefined ? [first] : [first, keyOf(previous, label)];
  };
  return {
    async sealUnderWay(underWay, now) {
      const [key] = await keys(UNDER_WAY_TYPE);
      return await new EncryptJWT({ ...underWay })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: UNDER_WAY_TYPE })
        .setExpirationTime(Math.floor(now.getTime() / 1000) + UNDER_WAY_SECONDS)
        .encrypt(key);
    },
    async openUnderWay(token, now) {
      if (token.length > MAX_LENGTH) return undefined;
      const payload = await firstThat(await keys(UNDER_WAY_TYPE), async (key) => {
        const options = {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          typ: UNDER_WAY_TYPE,
          requiredClaims: ['exp'],
          currentDate: now,
        };
        return (await jwtDecrypt(token, key, options)).payload;
      });
      const parsed = underWaySchema.safeParse(payload);
      return parsed.success ? parsed.data : undefined;
    },
    async signSession({ approvalId, person, link }, proof, expires) {
      const [key] = await keys(SESSION_TYPE);
      const at = Math.floor(Date.parse(proof.authenticatedAt) / 1000);
      return await new SignJWT({ per: person, link: digestOf(link), idp: proof.issuer, who: proof.subject, at })
        .setProtectedHeader({ alg: 'HS256', typ: SESSION_TYPE })
        .setSubject(approvalId)
        .setExpirationTime(Math.floor(expires.getTime() / 1000))
        .sign(key);
    },
    async readSession(token, of, now) {
      if (token.length > MAX_LENGTH) return undefined;
      const payload = await firstThat(await keys(SESSION_TYPE), async (key) => {
        const options = { algorithms: ['HS256'], typ: SESSION_TYPE, requiredClaims: ['exp'], currentDate: now };
        return (await jwtVerify(token, key, options)).payload;
      });
      const parsed = sessionSchema.safeParse(payload);
      if (!parsed.success) return undefined;
      const { sub, per, link, idp, who, at } = parsed.data;
      if (sub !== of.approvalId || per !== of.person || link !== digestOf(of.link)) return undefined;
      return { kind: 'oidc', issuer: idp, subject: who, authenticatedAt: new Date(at * 1000).toISOString() };
    },
  };
}

/** Each purpose has a key of its own: a link can never be read as a session, nor the other way round. */
function keyOf(secret: string, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', label, 32));
}

function digestOf(link: string): string {
  return createHash('sha256').update(link).digest('base64url');
}

async function firstThat<T>(
  keys: readonly Uint8Array[],
  read: (key: Uint8Array) => Promise<T>,
): Promise<T | undefined> {
  for (const key of keys) {
    try {
      return await read(key);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return undefined;
}
