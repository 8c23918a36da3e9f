import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CREATE_NOTE, DELETE_NOTE, SET_STATUS } from '../../connectors/targets/vendor/wiz/operations.ts';
import { WRITERS } from '../../local/sandbox/writers.ts';
import { startVendors, type VendorStage, world } from './vendor-stage.ts';

/** What the real vendors refuse (reference, sections on writing), the sandboxes must refuse too, or the tests prove nothing. */
let on: VendorStage;
beforeEach(async () => {
  on = await startVendors();
});
afterEach(async () => {
  await on.close();
});

const JSON_TYPE = { 'content-type': 'application/json' };

async function send(path: string, method: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  return await fetch(`${on.server.url}${path}`, { method, headers, body: JSON.stringify(body) });
}

async function tokenIn(answer: Response, field: string): Promise<string> {
  const value: unknown = await answer.json();
  const token = new Map(Object.entries(typeof value === 'object' && value !== null ? value : {})).get(field);
  if (typeof token !== 'string') throw new Error('no token');
  return token;
}

describe('the console of Compute', () => {
  const at = (id: string): string => `/prisma-cloud-compute/api/v34.04/audits/incidents/acknowledge/${id}`;
  const ID = '68ee2c16b2a8e98a1c36a9db';
  const headers = async () => {
    const login = '/prisma-cloud-compute/api/v34.04/authenticate';
    const answer = await send(login, 'POST', WRITERS['prisma-cloud-compute'], JSON_TYPE);
    return { ...JSON_TYPE, authorization: `Bearer ${await tokenIn(answer, 'token')}` };
  };

  it.each([
    ['an incident it does not have', 'nobody', 'PATCH', { acknowledged: true }, 404],
    ['a word in place of yes or no', ID, 'PATCH', { acknowledged: 'yes' }, 400],
    ['a field it does not know', ID, 'PATCH', { acknowledged: true, note: 'x' }, 400],
    ['another method', ID, 'POST', { acknowledged: true }, 405],
  ])('refuses %s', async (_, id, method, body, status) => {
    const before = world(on);
    expect((await send(at(id), method, body, await headers())).status).toBe(status);
    expect(world(on)).toBe(before);
  });

  it('refuses who did not log in', async () => {
    expect((await send(at(ID), 'PATCH', { acknowledged: true }, JSON_TYPE)).status).toBe(401);
  });
});

describe('the tenant of Prisma Cloud', () => {
  const filter = { timeRange: { type: 'to_now', value: 'epoch' } };
  const headers = async () => {
    const { accessKeyId: username, secretKey: password } = WRITERS['prisma-cloud'];
    const answer = await send('/prisma-cloud/login', 'POST', { username, password }, JSON_TYPE);
    return { ...JSON_TYPE, 'x-redlock-auth': await tokenIn(answer, 'token') };
  };

  it.each([
    ['a dismissal without the filter it wants', 'dismiss', { alerts: ['P-5101'], dismissalNote: 'x' }, 400],
    ['a dismissal without a note', 'dismiss', { alerts: ['P-5101'], filter }, 400],
    ['an alert it does not have', 'dismiss', { alerts: ['P-1'], dismissalNote: 'x', filter }, 404],
    ['to reopen what is open', 'reopen', { alerts: ['P-5101'], filter }, 404],
  ])('refuses %s', async (_, verb, body, status) => {
    const before = world(on);
    expect((await send(`/prisma-cloud/alert/${verb}`, 'POST', body, await headers())).status).toBe(status);
    expect(world(on)).toBe(before);
  });
});

describe('the tenant of Wiz', () => {
  const ISSUE = '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0001';
  const POSTURE = '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0002';
  const headers = async () => {
    const { clientId, clientSecret } = WRITERS.wiz;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const answer = await fetch(`${on.server.url}/wiz/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, audience: 'wiz-api' }),
    });
    return { ...JSON_TYPE, authorization: `Bearer ${await tokenIn(answer, 'access_token')}` };
  };

  it.each([
    ['an issue it does not have', SET_STATUS, { id: 'nobody', patch: { status: 'IN_PROGRESS' } }, /must be a valid/],
    ['a status it does not know', SET_STATUS, { id: ISSUE, patch: { status: 'CLOSED' } }, /status/],
    ['a field it does not know', SET_STATUS, { id: ISSUE, patch: { state: 'OPEN' } }, /state/],
    ['to resolve what is no threat', SET_STATUS, { id: POSTURE, patch: { status: 'RESOLVED' } }, /only threat/],
    ['to reject a threat', SET_STATUS, { id: ISSUE, patch: { status: 'REJECTED' } }, /not rejected/],
    ['an empty note', CREATE_NOTE, { input: { issueId: ISSUE, text: '' } }, /text/],
    ['to delete a note it does not have', DELETE_NOTE, { input: { id: 'nobody' } }, /valid note id/],
    [
      'a mutation it does not have',
      'mutation X { isolateWorkload(input: { id: "x" }) { id } }',
      {},
      /Cannot query field/,
    ],
  ])('refuses %s, with status 200 and an error', async (_, query, variables, said) => {
    const before = world(on);
    const answer = await send('/wiz/graphql', 'POST', { query, variables }, await headers());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      errors: [{ message: expect.stringMatching(said), extensions: { code: 'BAD_USER_INPUT' } }],
    });
    expect(world(on)).toBe(before);
  });
});

describe('the account of Lacework', () => {
  const headers = async () => {
    const { keyId, secret } = WRITERS.lacework;
    const asking = { ...JSON_TYPE, 'x-lw-uaks': secret };
    const answer = await send('/lacework/api/v2/access/tokens', 'POST', { keyId }, asking);
    return { ...JSON_TYPE, authorization: `Bearer ${await tokenIn(answer, 'token')}` };
  };
  const at = (rest: string): string => `/lacework/api/v2/Alerts/${rest}`;

  it.each([
    ['an alert it does not have', '1/comment', { comment: 'x' }, 404],
    ['an empty comment', '402131/comment', { comment: '' }, 400],
    ['a reason it does not have', '402131/close', { reason: 9, comment: 'x' }, 400],
    ['reason 0 without a comment', '402131/close', { reason: 0 }, 400],
    ['to reopen: there is no such call', '402131/open', {}, 404],
  ])('refuses %s', async (_, rest, body, status) => {
    const before = world(on);
    expect((await send(at(rest), 'POST', body, await headers())).status).toBe(status);
    expect(world(on)).toBe(before);
  });

  it('refuses to close twice, and every call says what is left of the hour', async () => {
    const body = { reason: 3, comment: 'x' };
    const first = await send(at('402131/close'), 'POST', body, await headers());
    expect([first.status, first.headers.get('ratelimit-remaining')]).toEqual([201, '479']);
    expect((await send(at('402131/close'), 'POST', body, await headers())).status).toBe(400);
  });
});
