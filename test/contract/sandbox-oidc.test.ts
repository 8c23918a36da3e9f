import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHttp } from '../../connectors/http/request.ts';
import { NotSignedInError } from '../../connectors/sign-in/id-token.ts';
import { openIdProvider } from '../../connectors/sign-in/provider.ts';
import { oidcSandbox, SANDBOX_CLIENT, SANDBOX_PEOPLE } from '../../local/sandbox/oidc/oidc.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { memorySecrets } from '../fakes/secrets.ts';

const VERIFIER = 'v'.repeat(43);
const asking = {
  state: 'a-state',
  nonce: 'a-nonce',
  verifier: VERIFIER,
  redirectUri: 'http://edge.execute-api.localhost:4566/sign-in/callback',
};
let server: SandboxServer;
let base = '';

beforeEach(async () => {
  server = await serve({ systems: { oidc: oidcSandbox(() => `${base}/oidc`) }, mount: 'prefix', port: 0 });
  base = server.url;
});
afterEach(() => server.close());

function provider() {
  const signIn = { issuer: `${base}/oidc`, clientId: SANDBOX_CLIENT, maxAgeSeconds: 900 };
  return openIdProvider({ http: realHttp, signIn, secrets: memorySecrets(), now: () => new Date() });
}

/** Presses the button of a person on the page behind the authorization address. */
async function press(authorization: string, subject: string): Promise<Response> {
  const url = new URL(authorization);
  return await fetch(`${url.origin}${url.pathname}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams([...url.searchParams, ['subject', subject]]),
  });
}

async function codeFor(subject: string): Promise<string> {
  const answer = await press(await provider().authorizationUrl(asking, { anew: false }), subject);
  const back = new URL(answer.headers.get('location') ?? 'http://nowhere');
  expect([back.searchParams.get('state'), back.searchParams.get('iss')]).toEqual(['a-state', `${base}/oidc`]);
  return back.searchParams.get('code') ?? '';
}

describe('the identity provider of the sandbox', () => {
  it('signs its people in by a form, and our client believes it', async () => {
    const identity = await provider().identityOf(await codeFor(SANDBOX_PEOPLE.ada), asking);
    expect(identity.subject).toBe(SANDBOX_PEOPLE.ada);
    expect(await provider().namesIssuer()).toBe(true);
  });

  it('takes a code once, and only with the verifier of its challenge', async () => {
    const code = await codeFor(SANDBOX_PEOPLE.ada);
    await provider().identityOf(code, asking);
    await expect(provider().identityOf(code, asking)).rejects.toBeInstanceOf(NotSignedInError);
    const other = { ...asking, verifier: 'w'.repeat(43) };
    await expect(provider().identityOf(await codeFor(SANDBOX_PEOPLE.ada), other)).rejects.toBeInstanceOf(
      NotSignedInError,
    );
  });

  it('knows nobody else, and sends nobody to another machine', async () => {
    const url = await provider().authorizationUrl(asking, { anew: false });
    expect((await press(url, 'somebody-else')).status).toBe(400);
    const elsewhere = { ...asking, redirectUri: 'https://evil.example.com/sign-in/callback' };
    const there = await provider().authorizationUrl(elsewhere, { anew: false });
    expect((await fetch(there)).status).toBe(400);
    expect((await press(there, SANDBOX_PEOPLE.ada)).status).toBe(400);
  });
});
