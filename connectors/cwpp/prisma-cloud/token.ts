import * as z from 'zod';
import type { PrismaCloudSourceConfiguration } from '../../../domain/config/schema.ts';
import { type HttpDeps, type HttpLimits, jsonOf, request, UnusableAnswerError } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type Held, heldTokens, type Tokens } from '../held-token.ts';

export type { Tokens };

const credentialSchema = z.object({ accessKeyId: z.string().min(1), secretKey: z.string().min(1) });
const answerSchema = z.looseObject({ token: z.string().min(1) });

/** The vendor's tokens live ten minutes (reference 4.3); one about to expire is not used, it might expire on the way. */
const MAX_AGE_MS = 8 * 60_000;
const MARGIN_MS = 60_000;

export interface TokenDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly config: PrismaCloudSourceConfiguration;
  readonly limits: HttpLimits;
  readonly now: () => number;
}

/**
 * Tokens of the read credential, kept in memory only. Renewed by a fresh log-in and not by `GET /auth_token/extend`: that
 * works only while the old token still does, so it would save nothing and need the log-in as well.
 */
export function prismaCloudTokens(deps: TokenDeps): Tokens {
  return heldTokens({ obtain: (fresh) => logIn(deps, fresh), refusals: [401], now: deps.now });
}

async function logIn({ http, secrets, config, limits, now }: TokenDeps, fresh: boolean): Promise<Held> {
  const { accessKeyId, secretKey } = await secrets.get(config.api.readSecret, credentialSchema, { fresh });
  const answer = await request(
    http,
    {
      method: 'POST',
      url: `${config.api.baseUrl.replace(/\/+$/, '')}/login`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ username: accessKeyId, password: secretKey }),
    },
    limits,
  );
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new UnusableAnswerError('Prisma Cloud answered the log-in without a token');
  return { token: parsed.data.token, until: expiryOf(parsed.data.token, now()) };
}

/** `exp` of the JWT less a margin, at most eight minutes; a token that tells nothing is used for eight minutes. */
function expiryOf(token: string, now: number): number {
  const parsed = z.object({ exp: z.number() }).safeParse(claimsOf(token));
  const expires = parsed.success ? parsed.data.exp * 1000 - MARGIN_MS : Number.POSITIVE_INFINITY;
  return Math.min(now + MAX_AGE_MS, expires);
}

function claimsOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    // Documented as a JWT; if it is none it is opaque to us.
    return undefined;
  }
}
