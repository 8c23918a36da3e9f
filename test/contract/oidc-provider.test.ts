import type { JWKS } from 'oidc-provider';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { realHttp } from '../../connectors/http/request.ts';
import type { Reply } from '../../connectors/pages/reply.ts';
import { openIdProvider } from '../../connectors/sign-in/provider.ts';
import type { UnderWay } from '../../connectors/sign-in/schema.ts';
import { type SignInDeps, signIn } from '../../functions/sign-in/sign-in.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../fakes/telemetry.ts';
import { ASKED_AT, linkFor, type StoryStores, storyApproval, storyStores } from '../stories/asked-action.ts';
import { type Browser, browser, signInConfiguration, signInDeps } from '../stories/sign-in.ts';
import { type PersonAtProvider, personAt, ShownError } from './oidc-provider-person.ts';
import {
  type Algorithm,
  ANOTHER,
  CONFIDENTIAL,
  type OidcStage,
  oidcStage,
  PUBLIC,
  stageKeys,
} from './oidc-provider-stage.ts';

/**
 * The sign-in against a provider that others wrote from the specifications (`oidc-provider`, certified by the OpenID
 * Foundation): what our client and our own test providers misread alike shows here.
 */
const ID = storyApproval().approvalId;
const DANA = 'subject-of-dana';
const SAM = 'subject-of-sam';
const SECRET_NAME = 'parapet/oidc';

let keys: JWKS;
let stage: OidcStage;
let stores: StoryStores;
let telemetry: RecordingTelemetry;
let deps: SignInDeps;
let link: string;
let edge: Browser;
let dana: PersonAtProvider;

beforeAll(async () => {
  keys = await stageKeys();
});
beforeEach(async () => {
  // One clock for both sides, so that hours can pass at the provider without a test that waits for them.
  vi.useFakeTimers({ toFake: ['Date'], now: ASKED_AT.getTime() + 60_000 });
  stores = await storyStores({ asked: true });
  stores.secrets.stored.set(SECRET_NAME, { clientSecret: CONFIDENTIAL.secret });
  link = await linkFor(stores, 'dana');
  edge = browser();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.close();
});

async function withProvider(signedBy: Algorithm, client: Readonly<Record<string, string>> = PUBLIC): Promise<void> {
  stage = await oidcStage({ keys, signedBy, people: [DANA, SAM] });
  dana = personAt(stage, DANA);
  telemetry = recordingTelemetry();
  deps = signInDeps({ stores, config: signInConfiguration(stage, client), telemetry, now: () => new Date() });
}

const confidential = { clientId: CONFIDENTIAL.clientId, clientSecret: SECRET_NAME };
const locationOf = (reply: Reply): string => reply.headers['location'] ?? '';
const refusedFor = (reason: string): number => telemetry.counted('SignInRefused', { reason });
/** Why we refused, in the log. */
const causes = (): unknown[] => telemetry.said.flatMap(({ cause }) => (cause instanceof Error ? [cause.message] : []));
const pass = (seconds: number): unknown => vi.setSystemTime(Date.now() + seconds * 1000);

async function start(anew = ''): Promise<string> {
  return locationOf(edge.keep(await signIn(deps, edge.get(`/sign-in/${ID}?t=${link}${anew}`))));
}
async function comeBack(back: URL): Promise<Reply> {
  return edge.keep(await signIn(deps, edge.get(back.pathname + back.search)));
}
async function through(anew = ''): Promise<Reply> {
  return await comeBack(await dana.visit(await start(anew)));
}
async function session() {
  const token = edge.cookies.get('__Host-parapet-session') ?? '';
  return await stores.sessions.readSession(token, { approvalId: ID, person: 'dana', link }, new Date());
}
/** The cookie of a sign-in under way is sealed; what it holds can only be wrong if it was sealed wrong. */
function sealing(change: Partial<UnderWay>): void {
  const { tokens } = deps;
  deps = {
    ...deps,
    tokens: { ...tokens, sealUnderWay: (underWay, now) => tokens.sealUnderWay({ ...underWay, ...change }, now) },
  };
}

describe.each([
  ['a public client', 'RS256', PUBLIC],
  ['a public client', 'ES256', PUBLIC],
  ['a confidential client', 'RS256', confidential],
  ['a confidential client', 'ES256', confidential],
] as const)('%s at oidc-provider that signs by %s', (_kind, signedBy, client) => {
  beforeEach(() => withProvider(signedBy, client));

  it('has its person signed in, as the subject and at the time that the provider says', async () => {
    const at = new Date().toISOString();
    const back = await dana.visit(await start());
    expect([...back.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    expect(back.searchParams.get('iss')).toBe(stage.issuer);
    pass(20);
    const reply = await comeBack(back);
    expect([reply.statusCode, locationOf(reply)]).toEqual([
      303,
      `https://people.example.com/approvals/${ID}?t=${encodeURIComponent(link)}`,
    ]);
    expect(await session()).toEqual({ kind: 'oidc', issuer: stage.issuer, subject: DANA, authenticatedAt: at });
    expect(dana.asked).toEqual(['login', 'consent']);
    expect(stage.issued).toEqual([{ clientId: client.clientId, signedBy }]);
    expect(stage.refusals).toEqual([]);
  });

  it.each([
    ['a verifier that is not of the challenge', { verifier: 'w'.repeat(43) }, 'PKCE'],
    ['a redirect address that the code was not sent to', { redirectUri: 'https://evil.example.com/' }, 'redirect_uri'],
  ])('signs nobody in by %s', async (_case, change, why) => {
    sealing(change);
    expect([(await through()).statusCode, refusedFor('not-proven')]).toEqual([403, 1]);
    expect(stage.refusals).toEqual([expect.stringMatching(`^invalid_grant: .*${why}`)]);
    expect([await session(), stage.issued]).toEqual([undefined, []]);
  });

  it('signs nobody in by a code that was used, though the browser kept its cookie', async () => {
    const back = await dana.visit(await start());
    const kept = [...edge.cookies];
    expect((await comeBack(back)).statusCode).toBe(303);
    edge.cookies.clear();
    for (const [name, value] of kept) edge.cookies.set(name, value);
    expect([(await comeBack(back)).statusCode, refusedFor('not-proven')]).toEqual([403, 1]);
    expect(stage.refusals).toEqual([expect.stringMatching(/^invalid_grant: .*consumed/)]);
    expect([await session(), stage.issued.length]).toEqual([undefined, 1]);
  });

  it('signs nobody in by a code that was issued to another client', async () => {
    const address = new URL(await start());
    address.searchParams.set('client_id', ANOTHER.clientId);
    const reply = await comeBack(await dana.visit(address.href));
    expect([reply.statusCode, refusedFor('not-proven')]).toEqual([403, 1]);
    expect(stage.refusals).toEqual([expect.stringMatching(/^invalid_grant: .*client mismatch/)]);
    expect([await session(), stage.issued]).toEqual([undefined, []]);
  });
});

describe('at oidc-provider', () => {
  beforeEach(() => withProvider('ES256'));

  it("signs nobody in by another client's token, though provider, key and nonce are right", async () => {
    const { now } = deps;
    const asOther: typeof fetch = (url, init) => {
      const body = typeof init?.body === 'string' ? new URLSearchParams(init.body) : undefined;
      body?.set('client_id', ANOTHER.clientId);
      return fetch(url, body === undefined ? init : { ...init, body });
    };
    const http = { ...realHttp, fetch: asOther };
    deps = { ...deps, provider: openIdProvider({ http, signIn: deps.signIn, secrets: stores.secrets, now }) };
    const address = new URL(await start());
    address.searchParams.set('client_id', ANOTHER.clientId);
    const reply = await comeBack(await dana.visit(address.href));
    expect(stage.issued).toEqual([{ clientId: ANOTHER.clientId, signedBy: 'ES256' }]);
    expect([reply.statusCode, refusedFor('not-proven'), await session()]).toEqual([403, 1, undefined]);
    expect(causes()).toEqual([expect.stringContaining('"aud" claim')]);
  });

  it('signs nobody in who says no, and says that they were not signed in', async () => {
    dana.consents = false;
    const back = await dana.visit(await start());
    expect([back.searchParams.get('error'), back.searchParams.get('iss')]).toEqual(['access_denied', stage.issuer]);
    expect([(await comeBack(back)).statusCode, refusedFor('declined')]).toEqual([403, 1]);
    expect([await session(), stage.issued]).toEqual([undefined, []]);
  });

  it('takes no answer that names another issuer, or none where the provider always names its own (RFC 9207)', async () => {
    expect(await deps.provider.namesIssuer()).toBe(true);
    const other = await dana.visit(await start());
    other.searchParams.set('iss', 'https://another-issuer.example.com');
    expect((await comeBack(other)).statusCode).toBe(400);
    const nameless = await dana.visit(await start());
    nameless.searchParams.delete('iss');
    expect((await comeBack(nameless)).statusCode).toBe(400);
    expect([refusedFor('other-issuer'), await session(), stage.issued]).toEqual([2, undefined, []]);
  });

  it('takes who signed in there minutes ago as they are, and counts the session from that sign-in', async () => {
    const at = new Date().toISOString();
    await through();
    pass(300);
    expect((await through()).cookies?.[0]).toContain('Max-Age=600;');
    expect(dana.asked).toEqual(['login', 'consent']);
    expect(await session()).toMatchObject({ authenticatedAt: at });
  });

  it('has who signed in there too long ago sign in anew: max_age is understood, and auth_time is that of now', async () => {
    await through();
    pass(451);
    const at = new Date().toISOString();
    expect((await through()).statusCode).toBe(303);
    expect(dana.asked).toEqual(['login', 'consent', 'login']);
    expect(await session()).toMatchObject({ authenticatedAt: at });
  });

  it('signs nobody in by a token that does not say when they signed in, as where max_age was lost on the way', async () => {
    const address = new URL(await start());
    address.searchParams.delete('max_age');
    const reply = await comeBack(await dana.visit(address.href));
    expect([reply.statusCode, refusedFor('not-proven'), await session()]).toEqual([403, 1, undefined]);
    expect(causes()).toEqual(['the ID token lacks or has malformed: auth_time']);
  });

  it('refuses somebody else who is signed in there, and has them sign in as themselves after that', async () => {
    dana.subject = SAM;
    expect([(await through()).statusCode, refusedFor('other-person'), await session()]).toEqual([403, 1, undefined]);
    dana.subject = DANA;
    expect((await through('&anew=1')).statusCode).toBe(303);
    expect(dana.asked).toEqual(['login', 'consent', 'login', 'consent']);
    expect(await session()).toMatchObject({ subject: DANA });
  });

  it('does not come so far without a challenge, or with an address that is not registered', async () => {
    const plain = new URL(await start());
    plain.searchParams.delete('code_challenge');
    plain.searchParams.delete('code_challenge_method');
    const back = await dana.visit(plain.href);
    expect([back.searchParams.get('error'), (await comeBack(back)).statusCode]).toEqual(['invalid_request', 403]);
    const elsewhere = new URL(await start());
    elsewhere.searchParams.set('redirect_uri', 'https://evil.example.com/sign-in/callback');
    await expect(dana.visit(elsewhere.href)).rejects.toThrow(ShownError);
    expect(stage.refusals).toEqual([
      expect.stringMatching(/^invalid_request: .*PKCE/),
      expect.stringMatching(/^invalid_redirect_uri: /),
    ]);
    expect(await session()).toBeUndefined();
  });
});

describe('a confidential client at oidc-provider', () => {
  it('with a secret that is not its own is told that the provider cannot be asked, as no person could mend that', async () => {
    stores.secrets.stored.set(SECRET_NAME, { clientSecret: `${CONFIDENTIAL.secret}x` });
    await withProvider('RS256', confidential);
    expect([(await through()).statusCode, refusedFor('unavailable')]).toEqual([503, 1]);
    expect(stage.refusals).toEqual([expect.stringMatching(/^invalid_client: /)]);
    expect([await session(), stage.issued]).toEqual([undefined, []]);
  });
});
