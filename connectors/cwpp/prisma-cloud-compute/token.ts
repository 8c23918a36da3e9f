import * as z from 'zod';
import type { ComputeSourceConfiguration } from '../../../domain/config/schema.ts';
import { type HttpDeps, type HttpLimits, jsonOf, request, UnusableAnswerError } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type Held, heldTokens, type Tokens } from '../held-token.ts';

export type { Tokens };

const credentialSchema = z.object({ username: z.string().min(1), password: z.string().min(1) });
const answerSchema = z.object({ token: z.string().min(1) });

/**
 * Self-hosted tokens live 30 minutes; on SaaS they wrap a platform token of 10, to be renewed every 5 (reference 4.1; the
 * vendor's page contradicts itself beyond that). Five minutes is right for both.
 */
const MAX_AGE_MS = 5 * 60_000;
/** A token about to expire is not used: it might expire on the way. */
const MARGIN_MS = 60_000;

export interface TokenDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly config: ComputeSourceConfiguration;
  readonly limits: HttpLimits;
  readonly now: () => number;
}

/** Tokens of the read credential, kept in memory only. Safe to share between clients of one configuration. */
export function computeTokens(deps: TokenDeps): Tokens {
  return heldTokens({ obtain: (fresh) => logIn(deps, fresh), refusals: [401], now: deps.now });
}

async function logIn({ http, secrets, config, limits, now }: TokenDeps, fresh: boolean): Promise<Held> {
  const { baseUrl, version, readSecret, project } = config.api;
  const credential = await secrets.get(readSecret, credentialSchema, { fresh });
  const query = project === undefined ? '' : `?project=${encodeURIComponent(project)}`;
  const answer = await request(
    http,
    {
      method: 'POST',
      url: `${baseUrl.replace(/\/+$/, '')}/api/${version}/authenticate${query}`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(credential),
    },
    limits,
  );
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new UnusableAnswerError('the console answered the log-in without a token');
  return { token: parsed.data.token, until: expiryOf(parsed.data.token, now()) };
}

/** `exp` of a JWT less a margin, at most five minutes; a token that tells nothing is used for five minutes. */
function expiryOf(token: string, now: number): number {
  const parsed = z.object({ exp: z.number() }).safeParse(claimsOf(token));
  const expires = parsed.success ? parsed.data.exp * 1000 - MARGIN_MS : Number.POSITIVE_INFINITY;
  return Math.min(now + MAX_AGE_MS, expires);
}

function claimsOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    // Not every console issues JWTs; the token is opaque then.
    return undefined;
  }
}
