import { createHash } from 'node:crypto';
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { SignInConfiguration } from '../../domain/config/sign-in.ts';
import { type HttpDeps, type HttpLimits, jsonOf, RefusedError, request, UnusableAnswerError } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type Identity, NotSignedInError, verifyIdToken } from './id-token.ts';
import { clientSecretSchema, type Discovery, discoverySchema, jwksSchema, tokenAnswerSchema } from './schema.ts';

/** Three calls at most stand between a person and the page, which must answer within 20 seconds. */
const LIMITS: HttpLimits = { timeoutMs: 5_000, maxAnswerBytes: 256_000, attempts: 1, maxWaitMs: 0 };
const KEPT_MS = 10 * 60_000;
/** A token with an invented key id must not make us a load on the provider. */
const NEW_KEYS_AFTER_MS = 30_000;

export interface ProviderDeps {
  readonly http: HttpDeps;
  readonly signIn: SignInConfiguration;
  readonly secrets: Secrets;
  readonly now: () => Date;
}

export interface Asking {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** What `sign-in` needs of an OpenID provider. */
export interface OpenIdProvider {
  /** Where the person is sent. `anew`: the provider must not take who happens to be signed in there. */
  authorizationUrl(asking: Asking, options: { readonly anew: boolean }): Promise<string>;
  /** Whether every answer of this provider names its issuer (RFC 9207). */
  namesIssuer(): Promise<boolean>;
  /** @throws NotSignedInError, UnreachableError, UnusableAnswerError, SecretError */
  identityOf(code: string, asking: Omit<Asking, 'state'>): Promise<Identity>;
}

/** Half of what an approval allows, so that who comes back has at least the other half to decide in. */
export function freshnessOf({ maxAgeSeconds }: SignInConfiguration): number {
  return Math.floor(maxAgeSeconds / 2);
}

export function openIdProvider(deps: ProviderDeps): OpenIdProvider {
  const { signIn } = deps;
  const discovery = kept(deps, () => discover(deps));
  const keys = kept(deps, async () => createLocalJWKSet(await jwksAt(deps, (await discovery.get()).jwks_uri)));
  const keyFor: JWTVerifyGetKey = async (header, token) => {
    try {
      return await (await keys.get())(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || keys.ageMs() < NEW_KEYS_AFTER_MS) throw error;
      return await (await keys.anew())(header, token);
    }
  };
  return {
    async authorizationUrl({ state, nonce, verifier, redirectUri }, { anew }) {
      const url = new URL((await discovery.get()).authorization_endpoint);
      const parameters = {
        response_type: 'code',
        client_id: signIn.clientId,
        redirect_uri: redirectUri,
        scope: 'openid',
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        max_age: String(freshnessOf(signIn)),
        ...(signIn.acr === undefined ? {} : { acr_values: signIn.acr.join(' ') }),
        ...(anew ? { prompt: 'login' } : {}),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async namesIssuer() {
      return (await discovery.get()).authorization_response_iss_parameter_supported;
    },
    async identityOf(code, { nonce, verifier, redirectUri }) {
      const { token_endpoint } = await discovery.get();
      const token = await exchange(deps, token_endpoint, { code, verifier, redirectUri });
      const maxAgeSeconds = freshnessOf(signIn);
      return await verifyIdToken(token, { signIn, keys: keyFor, nonce, maxAgeSeconds, now: deps.now() });
    },
  };
}

/** @throws UnreachableError, UnusableAnswerError, RefusedError */
export async function discover({ http, signIn }: Pick<ProviderDeps, 'http' | 'signIn'>): Promise<Discovery> {
  const url = `${signIn.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const parsed = discoverySchema.safeParse(jsonOf(await request(http, { method: 'GET', url }, LIMITS)));
  if (!parsed.success) throw new UnusableAnswerError(`${url} is not a discovery document of an OpenID provider`);
  const found = parsed.data;
  if (found.issuer !== signIn.issuer) {
    throw new UnusableAnswerError(
      `the discovery document names the issuer ${found.issuer}, the configuration ${signIn.issuer}: they must be the same, to the last slash`,
    );
  }
  for (const endpoint of [found.authorization_endpoint, found.token_endpoint, found.jwks_uri]) {
    // The issuer is https or on loopback; what it names must not be less.
    if (new URL(endpoint).protocol !== 'https:' && new URL(signIn.issuer).protocol === 'https:') {
      throw new UnusableAnswerError('the discovery document names an endpoint that is not https');
    }
    if (!/^https?:$/.test(new URL(endpoint).protocol)) {
      throw new UnusableAnswerError('the discovery document names an endpoint that is not http');
    }
  }
  return found;
}

async function jwksAt({ http }: ProviderDeps, url: string) {
  const parsed = jwksSchema.safeParse(jsonOf(await request(http, { method: 'GET', url }, LIMITS)));
  if (!parsed.success) throw new UnusableAnswerError('the keys of the provider are not a key set');
  return parsed.data;
}

async function exchange(
  deps: ProviderDeps,
  url: string,
  given: { readonly code: string; readonly verifier: string; readonly redirectUri: string },
): Promise<string> {
  const { clientId, clientSecret } = deps.signIn;
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: given.code,
    redirect_uri: given.redirectUri,
    code_verifier: given.verifier,
  });
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  if (clientSecret === undefined) form.set('client_id', clientId);
  else {
    const { clientSecret: secret } = await deps.secrets.get(clientSecret, clientSecretSchema);
    headers['authorization'] =
      `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString('base64')}`;
  }
  try {
    const answer = await request(deps.http, { method: 'POST', url, headers, body: form.toString() }, LIMITS);
    const parsed = tokenAnswerSchema.safeParse(jsonOf(answer));
    if (!parsed.success) throw new UnusableAnswerError('the token endpoint answered without an ID token');
    return parsed.data.id_token;
  } catch (error) {
    // A code that was used, is stale or was issued to somebody else: the person can start again.
    if (error instanceof RefusedError && error.status === 400 && error.excerpt.includes('invalid_grant')) {
      throw new NotSignedInError('the provider does not accept the code (invalid_grant)', { cause: error });
    }
    throw error;
  }
}

/** RFC 6749, 2.3.1: both parts are form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/** A value that is fetched when it is first needed and again when it is old. A failure is not kept. */
function kept<T>({ now }: Pick<ProviderDeps, 'now'>, fetch: () => Promise<T>) {
  let held: { readonly value: T; readonly at: number } | undefined;
  const anew = async (): Promise<T> => {
    held = { value: await fetch(), at: now().getTime() };
    return held.value;
  };
  const ageMs = (): number => (held === undefined ? Number.POSITIVE_INFINITY : now().getTime() - held.at);
  return {
    anew,
    ageMs,
    get: async (): Promise<T> => (held !== undefined && ageMs() < KEPT_MS ? held.value : await anew()),
  };
}
