import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { computeScenario } from '../../local/sandbox/compute/scenario.ts';
import { CONTAINER_ID, type Console, startConsole } from './prisma-cloud-compute-console.ts';

let on: Console;
beforeEach(async () => {
  on = await startConsole();
});
afterEach(() => on.close());

const JSON_TYPE = { 'content-type': 'application/json' };

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${on.server.url}/compute${path}`, init);
}

async function logIn(body: unknown, headers: Record<string, string> = JSON_TYPE): Promise<Response> {
  return await call('/api/v34.04/authenticate', { method: 'POST', headers, body: JSON.stringify(body) });
}

async function bearer(): Promise<Record<string, string>> {
  const { token } = z.object({ token: z.string() }).parse(await (await logIn(computeScenario().credentials)).json());
  return { authorization: `Bearer ${token}` };
}

describe('the sandbox console refuses what the real one refuses', () => {
  it.each<[string, unknown, Record<string, string>, number]>([
    ['a wrong password', { username: 'parapet-reader', password: 'wrong' }, JSON_TYPE, 401],
    ['a missing field', { username: 'parapet-reader' }, JSON_TYPE, 400],
    ['an unknown field', { ...computeScenario().credentials, more: 1 }, JSON_TYPE, 400],
    ['another content type', computeScenario().credentials, { 'content-type': 'text/plain' }, 415],
  ])('%s at log-in', async (_what, body, headers, status) => {
    expect((await logIn(body, headers)).status).toBe(status);
  });

  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer sandbox-other' }],
    ['another scheme', { authorization: 'Basic eDp5' }],
  ])('reading with %s', async (_what, headers) => {
    expect((await call('/api/v34.04/images', { headers })).status).toBe(401);
  });

  it('paths, methods and pages it does not have', async () => {
    const headers = await bearer();
    expect((await call('/api/v34.04/nothing', { headers })).status).toBe(404);
    expect((await call('/api/v33.00/images', { headers })).status).toBe(404);
    expect((await call('/api/v34.04/images', { headers, method: 'DELETE' })).status).toBe(405);
    expect((await call('/api/v34.04/images?limit=51', { headers })).status).toBe(400);
    expect((await call('/api/v34.04/authenticate', { headers })).status).toBe(405);
  });
});

describe('the sandbox console answers as the real one', () => {
  it('with null for an empty page and the total beside it', async () => {
    const headers = await bearer();
    const answer = await call('/api/v34.04/audits/runtime/container?offset=50', { headers });
    expect([await answer.json(), answer.headers.get('total-count')]).toEqual([null, '5']);
  });

  it('with what the filters select', async () => {
    const headers = await bearer();
    const query = `containerID=${CONTAINER_ID}&attackType=dnsQuery&from=2025-10-14T09:00:00Z&to=2025-10-14T10:00:00Z`;
    const answer = await call(`/api/v34.04/audits/runtime/container?${query}`, { headers });
    expect(await answer.json()).toMatchObject([{ attackType: 'dnsQuery', containerId: CONTAINER_ID }]);
  });
});
