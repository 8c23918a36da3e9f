import { createHash, randomBytes } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';

export const SANDBOX_CLIENT = 'parapet';
/** Everybody who has an account here, by the claim `sub`. */
export const SANDBOX_PEOPLE = {
  ada: 'sandbox-subject-ada',
  grace: 'sandbox-subject-grace',
  lin: 'sandbox-subject-lin',
};

const CODE_SECONDS = 60;
const TOKEN_SECONDS = 300;

interface Grant {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string;
  readonly subject: string;
  readonly at: number;
}

/**
 * An OpenID provider with one public client: code flow, PKCE by S256, RS256. People sign in by a form without scripts, and
 * anew each time; a password would be one more invented word.
 */
export function oidcSandbox(issuer: () => string): SandboxSystem {
  const grants = new Map<string, Grant>();
  const signedIn: string[] = [];
  let made: Promise<{ readonly privateKey: CryptoKey; readonly jwk: object }> | undefined;
  const keys = () => {
    made ??= newKey();
    return made;
  };

  async function handle({ method, path, query, body }: SandboxCall): Promise<SandboxReply> {
    switch (`${method} ${path}`) {
      case 'GET /.well-known/openid-configuration':
        return json(200, {
          issuer: issuer(),
          authorization_endpoint: `${issuer()}/authorize`,
          token_endpoint: `${issuer()}/token`,
          jwks_uri: `${issuer()}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
          authorization_response_iss_parameter_supported: true,
        });
      case 'GET /keys':
        return json(200, { keys: [(await keys()).jwk] });
      case 'GET /authorize':
        return asked(query) ? page(formOf(query)) : json(400, { error: 'invalid_request' });
      case 'POST /authorize':
        return authorize(new URLSearchParams(body));
      case 'POST /token':
        return await token(new URLSearchParams(body));
      default:
        return json(404, { error: 'not_found' });
    }
  }

  function authorize(form: URLSearchParams): SandboxReply {
    const subject = Object.values(SANDBOX_PEOPLE).find((known) => known === form.get('subject'));
    if (!asked(form) || subject === undefined) return json(400, { error: 'invalid_request' });
    const redirectUri = form.get('redirect_uri') ?? '';
    const code = randomBytes(24).toString('base64url');
    const challenge = form.get('code_challenge') ?? '';
    grants.set(code, { redirectUri, challenge, nonce: form.get('nonce') ?? '', subject, at: seconds() });
    signedIn.push(subject);
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries({ code, state: form.get('state') ?? '', iss: issuer() })) {
      back.searchParams.set(name, value);
    }
    return { status: 303, headers: { location: back.href, 'cache-control': 'no-store' } };
  }

  async function token(form: URLSearchParams): Promise<SandboxReply> {
    if (form.get('client_id') !== SANDBOX_CLIENT) return json(401, { error: 'invalid_client' });
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const good =
      form.get('grant_type') === 'authorization_code' &&
      grant?.challenge === challenge &&
      grant.redirectUri === form.get('redirect_uri') &&
      seconds() - grant.at <= CODE_SECONDS;
    if (grant === undefined || !good) return json(400, { error: 'invalid_grant' });
    const idToken = await new SignJWT({ nonce: grant.nonce, auth_time: grant.at })
      .setProtectedHeader({ alg: 'RS256', kid: 'sandbox' })
      .setIssuer(issuer())
      .setAudience(SANDBOX_CLIENT)
      .setSubject(grant.subject)
      .setIssuedAt(seconds())
      .setExpirationTime(seconds() + TOKEN_SECONDS)
      .sign((await keys()).privateKey);
    return json(200, { access_token: randomBytes(24).toString('base64url'), token_type: 'Bearer', id_token: idToken });
  }

  return { handle, view: () => ({ signedIn }) };
}

/** What the real ones insist on: a known client, an address on this machine, a code, and a challenge that hides the verifier. */
function asked(query: URLSearchParams): boolean {
  const redirect = query.get('redirect_uri') ?? '';
  return (
    query.get('response_type') === 'code' &&
    query.get('client_id') === SANDBOX_CLIENT &&
    (query.get('scope') ?? '').split(' ').includes('openid') &&
    query.get('code_challenge_method') === 'S256' &&
    /^[\w-]{43}$/.test(query.get('code_challenge') ?? '') &&
    URL.canParse(redirect) &&
    /(^|\.)localhost$|^127\.0\.0\.1$/.test(new URL(redirect).hostname) &&
    new URL(redirect).pathname.endsWith('/sign-in/callback')
  );
}

function formOf(query: URLSearchParams): string {
  const hidden = [...query].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const people = Object.entries(SANDBOX_PEOPLE).map(
    ([name, subject]) => `<button name="subject" value="${subject}">${name}</button>`,
  );
  return `<h1>Sandbox identity provider: who are you?</h1><form method="post" action="authorize">${hidden.join('')}${people.join(' ')}</form>`;
}

function page(body: string): SandboxReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: `<!doctype html><html lang="en"><title>Sign in</title>${body}</html>`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'sandbox', alg: 'RS256', use: 'sig' } };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
