import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export const CLIENT_ID = 'parapet';

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

/** What a provider may do wrong; absent: it does everything right. */
export interface Misconduct {
  /** Changes the claims of the ID token. */
  readonly claims?: (honest: JWTPayload) => JWTPayload;
  /** Makes the whole ID token. */
  readonly token?: (honest: JWTPayload, keys: ProviderKeys) => Promise<string>;
  readonly discovery?: (honest: Record<string, unknown>) => Record<string, unknown>;
  /** Answers instead of the endpoint of that path. @returns false: it did not */
  readonly answer?: (path: string, response: ServerResponse) => boolean;
}

export interface ProviderKeys {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicPem: string;
  /** A key that the provider does not publish. */
  readonly stranger: CryptoKey;
}

export interface TestProvider {
  readonly issuer: string;
  readonly requests: string[];
  misconduct: Misconduct;
  /** The `sub` of whoever has the browser. */
  subject: string;
  clientSecret: string | undefined;
  /** New keys, as at a rotation; the old ones are published no more. */
  rotate(): Promise<void>;
  /** What the person does in the browser: from the authorization address to the address they are sent back to. */
  visit(authorization: string): Promise<URL>;
  close(): Promise<void>;
}

/** An OpenID provider on loopback whose clock is the test's: honest where nothing else is said. */
export async function testProvider(now: () => Date): Promise<TestProvider> {
  let keys = await newKeys();
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider has no TCP address');
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider: TestProvider = {
    issuer,
    requests: [],
    misconduct: {},
    subject: 'subject-of-dana',
    clientSecret: undefined,
    async rotate() {
      keys = await newKeys();
    },
    async visit(authorization) {
      const response = await fetch(authorization, { redirect: 'manual' });
      const location = response.headers.get('location');
      if (location === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
      return new URL(location);
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
  return provider;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    provider.requests.push(`${request.method} ${url.pathname}`);
    if (provider.misconduct.answer?.(url.pathname, response)) return;
    switch (url.pathname) {
      case '/.well-known/openid-configuration': {
        const honest = {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          authorization_response_iss_parameter_supported: true,
        };
        return json(response, 200, provider.misconduct.discovery?.(honest) ?? honest);
      }
      case '/keys':
        return json(response, 200, { keys: [{ ...keys.jwk, kid: keys.kid, use: 'sig' }] });
      case '/authorize':
        return authorize(url.searchParams, response);
      case '/token':
        return await token(request, response);
      default:
        return json(response, 404, {});
    }
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomBytes(16).toString('base64url');
    const redirectUri = query.get('redirect_uri') ?? '';
    if (query.get('client_id') !== CLIENT_ID || query.get('code_challenge_method') !== 'S256') {
      json(response, 400, { error: 'invalid_request' });
      return;
    }
    grants.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri, nonce: query.get('nonce') ?? '' });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    back.searchParams.set('iss', issuer);
    response.writeHead(302, { location: back.href }).end();
  }

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const secret = provider.clientSecret;
    const basic = `Basic ${Buffer.from(`${CLIENT_ID}:${secret}`).toString('base64')}`;
    const known = secret === undefined ? form.get('client_id') === CLIENT_ID : request.headers.authorization === basic;
    if (!known) return json(response, 401, { error: 'invalid_client' });
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant?.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    const seconds = Math.floor(now().getTime() / 1000);
    const honest: JWTPayload = {
      iss: issuer,
      sub: provider.subject,
      aud: CLIENT_ID,
      nonce: grant.nonce,
      iat: seconds,
      exp: seconds + 300,
      auth_time: seconds - 5,
    };
    const made = provider.misconduct.token
      ? await provider.misconduct.token(honest, keys)
      : await signedWith(keys, provider.misconduct.claims?.(honest) ?? honest);
    json(response, 200, { access_token: 'not-for-us', token_type: 'Bearer', id_token: made });
  }
}

export async function signedWith(keys: Pick<ProviderKeys, 'kid' | 'privateKey'>, claims: JWTPayload): Promise<string> {
  return await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: keys.kid }).sign(keys.privateKey);
}

async function newKeys() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const stranger = (await generateKeyPair('ES256')).privateKey;
  const kid = randomBytes(8).toString('hex');
  return { kid, privateKey, stranger, publicPem: await exportSPKI(publicKey), jwk: await exportJWK(publicKey) };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
