import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../connectors/pages/reply.ts';
import { type Misconduct, signedWith, type TestProvider, testProvider } from '../../test/fakes/openid-provider.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  INCIDENT_ID,
  linkFor,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { type Browser, browser, signInConfiguration, signInDeps } from '../../test/stories/sign-in.ts';
import { type SignInDeps, signIn } from './sign-in.ts';

const ID = storyApproval().approvalId;
let stores: StoryStores;
let provider: TestProvider;
let telemetry: RecordingTelemetry;
let deps: SignInDeps;
let link: string;
let now: Date;
let dana: Browser;

beforeEach(async () => {
  now = new Date(ASKED_AT.getTime() + 60_000);
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  provider = await testProvider(() => now);
  deps = withConfiguration({});
  link = await linkFor(stores, 'dana');
  dana = browser();
});
afterEach(() => provider.close());

function withConfiguration(change: Readonly<Record<string, unknown>>): SignInDeps {
  return signInDeps({ stores, config: signInConfiguration(provider, change), telemetry, now: () => now });
}

const locationOf = (reply: Reply): string => reply.headers['location'] ?? '';
async function start(who = dana, address = `/sign-in/${ID}?t=${link}`): Promise<Reply> {
  return who.keep(await signIn(deps, who.get(address)));
}
async function comeBack(back: URL, who = dana): Promise<Reply> {
  return who.keep(await signIn(deps, who.get(back.pathname + back.search)));
}
async function through(who = dana): Promise<Reply> {
  return await comeBack(await provider.visit(locationOf(await start(who))), who);
}
const refusedFor = (reason: string): number => telemetry.counted('SignInRefused', { reason });

describe('a sign-in', () => {
  it('sends the person to the provider with state, nonce, challenge and the age it accepts, and keeps the rest sealed', async () => {
    const reply = await start();
    const url = new URL(locationOf(reply));
    expect([reply.statusCode, `${url.origin}${url.pathname}`]).toEqual([303, `${provider.issuer}/authorize`]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'parapet',
      redirect_uri: 'https://people.example.com/sign-in/callback',
      scope: 'openid',
      state: '1'.padStart(43, 'r'),
      nonce: '2'.padStart(43, 'r'),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      max_age: '450',
    });
    expect(reply.cookies).toEqual([
      expect.stringMatching(/^__Host-parapet-sign-in=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/),
    ]);
    expect(reply.cookies?.[0]).not.toContain(link);
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('leads back to the approval page with a session of this person, question and link, and decides nothing', async () => {
    const reply = await through();
    expect([reply.statusCode, locationOf(reply)]).toEqual([
      303,
      `https://people.example.com/approvals/${ID}?t=${encodeURIComponent(link)}`,
    ]);
    // Signed in five seconds ago: the session ends when the sign-in is 900 seconds old.
    expect(reply.cookies?.[0]).toMatch(
      /^__Host-parapet-session=[\w.-]+; Path=\/; Max-Age=895; HttpOnly; SameSite=Lax; Secure$/,
    );
    const session = dana.cookies.get('__Host-parapet-session') ?? '';
    const of = { approvalId: ID, person: 'dana', link };
    expect(await stores.sessions.readSession(session, of, now)).toEqual({
      kind: 'oidc',
      issuer: provider.issuer,
      subject: 'subject-of-dana',
      authenticatedAt: '2025-10-14T09:20:55.000Z',
    });
    expect(await stores.sessions.readSession(session, { ...of, person: 'sam' }, now)).toBeUndefined();
    expect(await stores.sessions.readSession(session, { ...of, approvalId: 'another' }, now)).toBeUndefined();
    expect(await stores.sessions.readSession(session, { ...of, link: `${link}x` }, now)).toBeUndefined();
    const after = new Date(now.getTime() + 895_000);
    expect(await stores.sessions.readSession(session, of, after)).toBeUndefined();
    expect(await stores.sessions.readSession(link, of, now)).toBeUndefined();
    expect((await stores.approvals.get(ID))?.votes).toEqual([]);
    expect(await stores.audit.read(INCIDENT_ID)).toEqual([]);
  });

  it('of a confidential client proves the client by its secret', async () => {
    stores.secrets.stored.set('parapet/oidc', { clientSecret: 'an-invented-client-secret' });
    deps = withConfiguration({ clientSecret: 'parapet/oidc' });
    provider.clientSecret = 'an-invented-client-secret';
    expect((await through()).statusCode).toBe(303);
  });

  it('goes on when the provider rotates its keys, and fetches them no more than it must', async () => {
    await through();
    await provider.rotate();
    now = new Date(now.getTime() + 31_000);
    expect((await through()).statusCode).toBe(303);
    expect(provider.requests.filter((line) => line === 'GET /keys')).toHaveLength(2);
    expect(provider.requests.filter((line) => line.includes('openid-configuration'))).toHaveLength(1);
  });
});

describe('a start', () => {
  it.each([
    ['no link', () => `/sign-in/${ID}`, 'malformed', 400],
    ['a forged link', () => `/sign-in/${ID}?t=${link}x`, 'link', 403],
    ['a link given twice', () => `/sign-in/${ID}?t=${link}&t=${link}`, 'malformed', 400],
    ['a link of another question', () => `/sign-in/apr-${'0'.repeat(24)}?t=${link}`, 'link', 403],
    ['no question', () => `/sign-in/elsewhere?t=${link}`, 'malformed', 400],
  ])('with %s is refused, and the provider hears nothing of it', async (_case, address, reason, status) => {
    expect((await start(dana, address())).statusCode).toBe(status);
    expect(refusedFor(reason)).toBe(1);
    expect(provider.requests).toEqual([]);
  });

  it('with an expired link is refused', async () => {
    now = new Date('2025-10-14T09:50:01.000Z');
    expect((await start()).statusCode).toBe(410);
  });

  it('for somebody the provider is not known to know is refused', async () => {
    const { config } = deps;
    const approvers = config.approvers.map(({ oidcSubject: _, ...rest }) => rest);
    deps = { ...deps, config: { ...config, approvers } };
    expect([(await start()).statusCode, refusedFor('no-subject')]).toEqual([403, 1]);
  });

  it('by anything but GET does nothing', async () => {
    const event = { ...Object(dana.get(`/sign-in/${ID}?t=${link}`)), requestContext: { http: { method: 'POST' } } };
    expect(await signIn(deps, event)).toMatchObject({ statusCode: 405, headers: { allow: 'GET' } });
  });
});

describe('a callback', () => {
  it('of a sign-in that another browser started is refused - nobody is signed in by an address they were sent', async () => {
    const back = await provider.visit(locationOf(await start(browser())));
    expect((await comeBack(back)).statusCode).toBe(400);
    await start();
    expect((await comeBack(back)).statusCode).toBe(400);
    expect([refusedFor('other-browser'), dana.cookies.has('__Host-parapet-session')]).toEqual([2, false]);
  });

  it('that is replayed is refused, with the cookie of the sign-in and without', async () => {
    const back = await provider.visit(locationOf(await start()));
    const kept = new Map(dana.cookies);
    expect((await comeBack(back)).statusCode).toBe(303);
    expect((await comeBack(back)).statusCode).toBe(400);
    const other = browser();
    for (const [name, value] of kept) other.cookies.set(name, value);
    expect((await comeBack(back, other)).statusCode).toBe(403);
    expect([refusedFor('other-browser'), refusedFor('not-proven')]).toEqual([1, 1]);
  });

  it('that comes ten minutes late is refused', async () => {
    const back = await provider.visit(locationOf(await start()));
    now = new Date(now.getTime() + 600_000);
    expect((await comeBack(back)).statusCode).toBe(400);
  });

  it('of another issuer, or of none although the provider names itself, never has its code sent anywhere (RFC 9207)', async () => {
    for (const iss of ['https://evil.example.com', '']) {
      const back = await provider.visit(locationOf(await start()));
      back.searchParams.set('iss', iss);
      expect((await comeBack(back)).statusCode).toBe(400);
    }
    expect(refusedFor('other-issuer')).toBe(2);
    expect(provider.requests).not.toContain('POST /token');
  });

  it('that says the sign-in was declined is shown plainly, with a way to sign in again', async () => {
    const back = await provider.visit(locationOf(await start()));
    back.searchParams.delete('code');
    back.searchParams.set('error', 'access_denied');
    back.searchParams.set('error_description', '<script>alert(1)</script>');
    const reply = await comeBack(back);
    expect([reply.statusCode, refusedFor('declined')]).toEqual([403, 1]);
    expect(reply.body).toContain('You were not signed in');
    expect(reply.body).toContain(`../sign-in/${ID}?t=`);
    expect(reply.body).not.toContain('script');
  });

  it('of somebody else is refused with a page that says so, and a way to sign in anew', async () => {
    provider.subject = 'subject-of-sam';
    const reply = await through();
    expect([reply.statusCode, refusedFor('other-person')]).toEqual([403, 1]);
    expect(reply.body).toContain('This link is for Dana Example');
    expect(reply.body).toContain('anew=1');
    expect(dana.cookies.size).toBe(0);
    const anew = await start(dana, `/sign-in/${ID}?t=${link}&anew=1`);
    expect(new URL(locationOf(anew)).searchParams.get('prompt')).toBe('login');
  });
});

describe('a provider that is not to be believed', () => {
  const seconds = (): number => Math.floor(now.getTime() / 1000);
  const lies: readonly (readonly [string, Misconduct])[] = [
    ['another issuer', { claims: (honest) => ({ ...honest, iss: 'https://evil.example.com' }) }],
    ['another audience', { claims: (honest) => ({ ...honest, aud: 'another-client' }) }],
    ['several audiences and no party', { claims: (honest) => ({ ...honest, aud: ['parapet', 'another-client'] }) }],
    ['another authorized party', { claims: (honest) => ({ ...honest, azp: 'another-client' }) }],
    ['the nonce of another sign-in', { claims: (honest) => ({ ...honest, nonce: 'another' }) }],
    ['no nonce', { claims: ({ nonce: _, ...honest }) => honest }],
    ['no subject', { claims: ({ sub: _, ...honest }) => honest }],
    ['no expiry', { claims: ({ exp: _, ...honest }) => honest }],
    ['an expiry that is over', { claims: (honest) => ({ ...honest, exp: seconds() - 61 }) }],
    ['an issue in the future', { claims: (honest) => ({ ...honest, iat: seconds() + 120 }) }],
    ['an issue long ago', { claims: (honest) => ({ ...honest, iat: seconds() - 700 }) }],
    ['no time of the sign-in', { claims: ({ auth_time: _, ...honest }) => honest }],
    ['a sign-in of this morning', { claims: (honest) => ({ ...honest, auth_time: seconds() - 7_200 }) }],
    ['a sign-in in the future', { claims: (honest) => ({ ...honest, auth_time: seconds() + 120 }) }],
    ['no signature', { token: async (honest) => new UnsecuredJWT(honest).encode() }],
    [
      'a signature with the published key as a shared one',
      {
        token: async (honest, { kid, publicPem }) =>
          await new SignJWT(honest).setProtectedHeader({ alg: 'HS256', kid }).sign(new TextEncoder().encode(publicPem)),
      },
    ],
    [
      "a stranger's signature under the key id of the provider",
      { token: async (honest, { kid, stranger }) => await signedWith({ kid, privateKey: stranger }, honest) },
    ],
    [
      'a key id that nobody published',
      { token: async (honest, { privateKey }) => await signedWith({ kid: 'unheard-of', privateKey }, honest) },
    ],
    ['no token at all', { token: async () => 'not.a.token' }],
  ];

  it.each(lies)('signs nobody in with %s', async (_lie, misconduct) => {
    provider.misconduct = misconduct;
    const reply = await through();
    expect([reply.statusCode, refusedFor('not-proven')]).toEqual([403, 1]);
    expect(dana.cookies.size).toBe(0);
  });

  const silent: readonly (readonly [string, Misconduct])[] = [
    ['calls itself otherwise', { discovery: (honest) => ({ ...honest, issuer: `${String(honest['issuer'])}/` }) }],
    [
      'names an endpoint that is no web address',
      { discovery: (honest) => ({ ...honest, token_endpoint: 'file:///etc/passwd' }) },
    ],
    ['sends its discovery elsewhere', { answer: redirecting('/.well-known/openid-configuration') }],
    ['answers with more than anybody needs', { answer: huge('/.well-known/openid-configuration') }],
  ];
  it.each(silent)('and %s is unavailable before anybody is sent there', async (_case, misconduct) => {
    provider.misconduct = misconduct;
    const reply = await start();
    expect([reply.statusCode, refusedFor('unavailable'), locationOf(reply)]).toEqual([503, 1, '']);
  });

  it.each([
    ['its token endpoint redirects', redirecting('/token')],
    ['its token endpoint never ends', huge('/token')],
    ['its keys never end', huge('/keys')],
    ['its keys are gone', failing('/keys')],
    ['its token endpoint fails', failing('/token')],
  ])('signs nobody in when %s', async (_case, answer) => {
    provider.misconduct = { answer };
    expect([(await through()).statusCode, refusedFor('unavailable')]).toEqual([503, 1]);
    expect(dana.cookies.has('__Host-parapet-session')).toBe(false);
  });

  it('is held to the level the configuration demands', async () => {
    deps = withConfiguration({ acr: ['phishing-resistant'], amr: ['mfa', 'hwk'] });
    provider.misconduct = { claims: (honest) => ({ ...honest, acr: 'password', amr: ['mfa', 'hwk'] }) };
    expect((await through()).statusCode).toBe(403);
    provider.misconduct = { claims: (honest) => ({ ...honest, acr: 'phishing-resistant', amr: ['mfa'] }) };
    expect((await through()).statusCode).toBe(403);
    provider.misconduct = { claims: (honest) => ({ ...honest, acr: 'phishing-resistant', amr: ['hwk', 'mfa'] }) };
    expect((await through()).statusCode).toBe(303);
  });
});

type Answer = NonNullable<Misconduct['answer']>;

function redirecting(at: string): Answer {
  return (path, response) => {
    if (path !== at) return false;
    response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end();
    return true;
  };
}

function huge(at: string): Answer {
  return (path, response) => {
    if (path !== at) return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'a'.repeat(300_000)}"`);
    return true;
  };
}

function failing(at: string): Answer {
  return (path, response) => {
    if (path !== at) return false;
    response.writeHead(500).end();
    return true;
  };
}
