import * as z from 'zod';
import { type HttpDeps, type HttpLimits, jsonOf, request, UnusableAnswerError } from '../../http/request.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { type Held, heldTokens, type Tokens } from '../held-token.ts';

export type { Tokens };

/** What the client needs of `sources.wiz.api`. */
export interface WizApi {
  readonly endpoint: string;
  readonly tokenUrl: string;
  readonly audience: string;
  readonly readSecret: string;
}

const credentialSchema = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional().catch(undefined),
});

/** A documented lifetime is a day, but only what the answer says is believed; without it five minutes. */
const DEFAULT_SECONDS = 300;
const MAX_SECONDS = 24 * 3600;
/** A token about to expire is not used: it might expire on the way. */
const MARGIN_SECONDS = 60;

interface TokenDeps {
  readonly http: HttpDeps;
  readonly secrets: Secrets;
  readonly api: WizApi;
  readonly limits: HttpLimits;
  readonly now: () => number;
}

/** OAuth client credentials of the read-only service account, kept in memory only. Share it between clients. */
export function wizTokens(deps: TokenDeps): Tokens {
  return heldTokens({ obtain: (fresh) => ask(deps, fresh), refusals: [400, 401, 403], now: deps.now });
}

async function ask({ http, secrets, api, limits, now }: TokenDeps, fresh: boolean): Promise<Held> {
  const { clientId, clientSecret } = await secrets.get(api.readSecret, credentialSchema, { fresh });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience: api.audience,
  });
  const answer = await request(
    http,
    {
      method: 'POST',
      url: api.tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
    },
    limits,
  );
  const parsed = answerSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new UnusableAnswerError('Wiz answered the request for a token without one');
  const seconds = Math.min(parsed.data.expires_in ?? DEFAULT_SECONDS, MAX_SECONDS);
  return { token: parsed.data.access_token, until: now() + Math.max(0, seconds - MARGIN_SECONDS) * 1000 };
}
