import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ASSET_ID, INSTANCE, READ_SECRET, startTenant, type Tenant } from './prisma-cloud-tenant.ts';

let on: Tenant;
beforeEach(async () => {
  on = await startTenant();
});
afterEach(() => on.close());

const JSON_TYPE = { 'content-type': 'application/json' };

async function call(path: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(`${on.server.url}/prisma-cloud${path}`, init);
  await answer.body?.cancel();
  return answer.status;
}

async function logIn(): Promise<Record<string, string>> {
  const answer = await fetch(`${on.server.url}/prisma-cloud/login`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ username: key().accessKeyId, password: key().secretKey }),
  });
  const { token }: { token: string } = JSON.parse(await answer.text());
  return { ...JSON_TYPE, 'x-redlock-auth': token };
}

function key(): { readonly accessKeyId: string; readonly secretKey: string } {
  const held = on.secrets.stored.get(READ_SECRET);
  if (typeof held !== 'object' || held === null || !('accessKeyId' in held) || !('secretKey' in held))
    throw new Error('no key');
  return { accessKeyId: String(held.accessKeyId), secretKey: String(held.secretKey) };
}

const search = {
  timeRange: { type: 'to_now', value: 'epoch' },
  filters: [{ name: 'resource.id', operator: '=', value: INSTANCE }],
};
const asset = { assetId: ASSET_ID, type: 'asset', prismaCloudFindingsOnly: false, alertIds: [], attackPathIds: [] };

describe('the sandbox refuses what the tenant refuses', () => {
  it.each<[string, string, RequestInit, number]>([
    ['a wrong key', '/login', { method: 'POST', headers: JSON_TYPE, body: '{"username":"a","password":"b"}' }, 401],
    ['a key that is no JSON', '/login', { method: 'POST', headers: JSON_TYPE, body: 'a=b' }, 400],
    ['a key in a form', '/login', { method: 'POST', body: new URLSearchParams({ username: 'a' }) }, 415],
    [
      'a field of the log-in it does not know',
      '/login',
      { method: 'POST', headers: JSON_TYPE, body: '{"username":"a","password":"b","x":1}' },
      400,
    ],
    ['a read without a token', '/alert/P-5101', {}, 401],
    ['a token in the header of another product', '/alert/P-5101', { headers: { authorization: 'Bearer x' } }, 401],
  ])('%s', async (_name, path, init, status) => {
    expect(await call(path, init)).toBe(status);
  });

  it.each<[string, string, string, object | undefined, number]>([
    ['an alert it does not have', 'GET', '/alert/P-1', undefined, 404],
    ['an operation it does not have', 'DELETE', '/alert/P-5101', undefined, 405],
    ['a dismissal with the key that only reads', 'POST', '/alert/dismiss', { alerts: ['P-5101'] }, 403],
    ['a path it does not have', 'GET', '/v3/alert', undefined, 404],
    ['a search without a time range', 'POST', '/v2/alert', { filters: [] }, 400],
    [
      'a filter it does not know',
      'POST',
      '/v2/alert',
      { ...search, filters: [{ name: 'x', operator: '=', value: 'y' }] },
      400,
    ],
    ['a field it does not know', 'POST', '/v2/alert', { ...search, page: 2 }, 400],
    ['a page token it never gave', 'POST', '/v2/alert', { ...search, pageToken: 'mine' }, 400],
    ['more than 10,000 alerts at once', 'POST', '/v2/alert', { ...search, limit: 10_001 }, 400],
    ['an asset without the fields it wants', 'POST', '/uai/v1/asset', { assetId: ASSET_ID, type: 'asset' }, 400],
    ['a view of an asset it does not have', 'POST', '/uai/v1/asset', { ...asset, type: 'secrets' }, 400],
    ['an asset it does not have', 'POST', '/uai/v1/asset', { ...asset, assetId: 'x' }, 404],
    [
      'a query it cannot read',
      'POST',
      '/api/v1/permission',
      { query: "config from iam where x = 'y' OR '1'='1'" },
      400,
    ],
    ['a posture without a time range', 'GET', '/compliance/posture', undefined, 400],
  ])('%s', async (_name, method, path, body, status) => {
    const headers = await logIn();
    expect(await call(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).toBe(
      status,
    );
  });

  it('and takes what it takes', async () => {
    const headers = await logIn();
    expect(await call('/alert/P-5101?detailed=true', { headers })).toBe(200);
    expect(await call('/v2/alert', { method: 'POST', headers, body: JSON.stringify(search) })).toBe(200);
    expect(await call('/uai/v1/asset', { method: 'POST', headers, body: JSON.stringify(asset) })).toBe(200);
    on.sandbox.expireTokens();
    expect(await call('/alert/P-5101', { headers })).toBe(401);
  });
});
