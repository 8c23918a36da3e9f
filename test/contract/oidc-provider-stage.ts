import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import Provider, { type ClientMetadata, type Configuration, type errors, type JWKS } from 'oidc-provider';
import * as z from 'zod';
import { HOST } from '../stories/people-event.ts';
import { oidcProviderStore } from './oidc-provider-store.ts';

/** What has to be form-encoded inside of HTTP Basic (RFC 6749, 2.3.1), where implementations differ most often. */
export const CONFIDENTIAL = { clientId: 'parapet:confidential', secret: 'an invented+secret: 100%/=&' };
export const PUBLIC = { clientId: 'parapet-public' };
export const ANOTHER = { clientId: 'another-client' };
export const REDIRECT_URI = `https://${HOST}/sign-in/callback`;

export type Algorithm = 'RS256' | 'ES256';

export interface OidcStage {
  readonly issuer: string;
  /** Why it refused, in its own words: a test must know that it was refused for the reason it tries. */
  readonly refusals: string[];
  /** To whom it gave ID tokens, and how it signed them. */
  readonly issued: { readonly clientId: string; readonly signedBy: string }[];
  close(): Promise<void>;
}

export async function stageKeys(): Promise<JWKS> {
  const made = (['RS256', 'ES256'] as const).map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const { kty = '', ...jwk } = await exportJWK(privateKey);
    return { ...jwk, kty, alg, kid: `key-${alg}`, use: 'sig' };
  });
  return { keys: await Promise.all(made) };
}

/** `oidc-provider` on loopback, with PKCE required; its people sign in and consent by forms (see `personAt`). */
export async function oidcStage(of: {
  readonly keys: JWKS;
  readonly signedBy: Algorithm;
  readonly people: readonly string[];
}): Promise<OidcStage> {
  let handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async () => undefined;
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider has no TCP address');
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, configurationOf(of));
  const stage: OidcStage = {
    issuer,
    refusals: [],
    issued: [],
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
  const refused = (_context: unknown, { error, error_detail, error_description }: errors.OIDCProviderError): void =>
    void stage.refusals.push(`${error}: ${error_detail ?? error_description ?? ''}`);
  provider.on('authorization.error', refused);
  provider.on('grant.error', refused);
  provider.on('server_error', (_context, error) => void stage.refusals.push(`server_error: ${error.stack ?? ''}`));
  provider.on('grant.success', ({ body, oidc }) => {
    const { id_token } = answerSchema.parse(body);
    stage.issued.push({
      clientId: oidc.client?.clientId ?? '',
      signedBy: decodeProtectedHeader(id_token).alg ?? '',
    });
  });
  const answer = provider.callback();
  handle = async (request, response) =>
    request.url?.startsWith('/interaction/') === true
      ? await interact(provider, request, response)
      : await answer(request, response);
  return stage;
}

const answerSchema = z.object({ id_token: z.string() });

function configurationOf(of: Parameters<typeof oidcStage>[0]): Configuration {
  const client = (clientId: string, proof: Partial<ClientMetadata>): ClientMetadata => ({
    client_id: clientId,
    redirect_uris: [REDIRECT_URI],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    id_token_signed_response_alg: of.signedBy,
    ...proof,
  });
  return {
    clients: [
      client(PUBLIC.clientId, { token_endpoint_auth_method: 'none' }),
      client(ANOTHER.clientId, { token_endpoint_auth_method: 'none' }),
      client(CONFIDENTIAL.clientId, {
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: CONFIDENTIAL.secret,
      }),
    ],
    adapter: oidcProviderStore(),
    jwks: of.keys,
    cookies: { keys: ['an-invented-cookie-key'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) =>
      of.people.includes(id) ? { accountId: id, claims: () => ({ sub: id }) } : undefined,
    renderError(context, { error, error_description }) {
      context.body = `${error}: ${error_description ?? ''}`;
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 86_400, IdToken: 300, Interaction: 600, Session: 86_400 },
  };
}

/** The pages that a provider leaves to whoever runs it: GET names what is asked of the person, POST is their answer. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(prompt.name);
    return;
  }
  const form = new URLSearchParams(await text(request));
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: form.get('subject') ?? '' } });
    return;
  }
  if (form.get('consent') !== 'yes') {
    const no = { error: 'access_denied', error_description: 'the person said no' };
    await provider.interactionFinished(request, response, no, { mergeWithLastSubmission: false });
    return;
  }
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant =
    known ?? new provider.Grant({ accountId: session?.accountId, clientId: z.string().parse(params['client_id']) });
  grant.addOIDCScope('openid');
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}
