import * as z from 'zod';
import type { SourcesConfiguration } from '../../../domain/config/sources.ts';
import { type HttpDeps, type HttpLimits, jsonOf, request, UnusableAnswerError } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type Held, heldTokens, type Tokens } from '../held-token.ts';

export type { Tokens };

export type LaceworkConfiguration = NonNullable<SourcesConfiguration['lacework']>;

const credentialSchema = z.object({ keyId: z.string().min(1), secret: z.string().min(1) });
const answerSchema = z.object({ token: z.string().min(1), expiresAt: z.string().optional() });

/** Default of the API; the maximum is a day. */
const LIFETIME_SECONDS = 3600;
/** A token about to expire is not used: it might expire on the way. */
const MARGIN_MS = 60_000;

export interface TokenDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly config: LaceworkConfiguration;
  readonly limits: HttpLimits;
  readonly now: () => number;
}

/** Tokens of the read key, kept in memory only. Safe to share between clients of one configuration. */
export function laceworkTokens(deps: TokenDeps): Tokens {
  return heldTokens({ obtain: (fresh) => ask(deps, fresh), refusals: [401, 403], now: deps.now });
}

async function ask({ http, secrets, config, limits, now }: TokenDeps, fresh: boolean): Promise<Held> {
  const { keyId, secret } = await secrets.get(config.api.readSecret, credentialSchema, { fresh });
  const answer = await request(
    http,
    {
      method: 'POST',
      url: `${config.api.baseUrl.replace(/\/+$/, '')}/api/v2/access/tokens`,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-lw-uaks': secret },
      body: JSON.stringify({ keyId, expiryTime: LIFETIME_SECONDS }),
    },
    limits,
  );
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new UnusableAnswerError('Lacework answered the request for a token without one');
  const longest = now() + LIFETIME_SECONDS * 1000;
  const told = Date.parse(parsed.data.expiresAt ?? '');
  return { token: parsed.data.token, until: Math.min(longest, Number.isNaN(told) ? longest : told) - MARGIN_MS };
}
