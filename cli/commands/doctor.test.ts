import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../infra/config/load.ts';
import { desk } from '../../test/desk/desk.ts';
import type { Health } from '../health.ts';

const CA = '-----BEGIN CERTIFICATE-----\ninvented\n-----END CERTIFICATE-----';
let server: Server;
let url = '';
let folder = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-doctor-'));
  server = createServer((request, response) => {
    if (request.url === '/.well-known/openid-configuration') {
      const endpoints = { authorization_endpoint: `${url}/a`, token_endpoint: `${url}/t`, jwks_uri: `${url}/k` };
      response.writeHead(200).end(JSON.stringify({ issuer: url, ...endpoints }));
      return;
    }
    response.writeHead(request.url?.startsWith('/webhooks/') ? 401 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A deployment in which everything is as it should be: every address is a local server. */
async function patient(health: Partial<Health> = {}, issuer = url) {
  const sample = loadConfiguration({ root: join(import.meta.dirname, '../..'), environment: {} });
  const compute = sample.sources['prisma-cloud-compute'];
  const { ticket, chat, ...destinations } = sample.destinations;
  const configuration = join(folder, 'parapet.config.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      ...sample,
      approvals: {
        ...sample.approvals,
        signIn: { issuer, clientId: 'parapet', clientSecret: 'parapet/oidc', maxAgeSeconds: 900 },
      },
      approvers: sample.approvers.map((approver) => ({ ...approver, oidcSubject: approver.id })),
      sources: compute ? { 'prisma-cloud-compute': { ...compute, api: { ...compute.api, baseUrl: url } } } : {},
      clusters: sample.clusters.map((cluster) => ({ ...cluster, server: url })),
      destinations: {
        ...destinations,
        ...(ticket && { ticket: { ...ticket, baseUrl: url } }),
        ...(chat && { chat: { ...chat, baseUrl: url } }),
      },
    }),
  );
  const one = await desk({ health, connection: { configuration, webhooks: url, people: url } });
  const fill = (name: string | undefined, value: object) => name && one.secrets.set(name, JSON.stringify(value));
  fill(compute?.webhook.secret, { username: 'parapet', current: 'sesame-webhook' });
  fill(compute?.api.readSecret, { username: 'reader', password: 'sesame-reader' });
  for (const { readSecret, writeSecret } of sample.clusters) {
    fill(readSecret, { token: 'sesame-read', caPem: CA });
    fill(writeSecret, { token: 'sesame-write', caPem: CA });
  }
  fill(sample.approvals.linkSecret, { current: 'sesame-sesame-sesame-sesame-sesame-sesame' });
  fill('parapet/oidc', { clientSecret: 'sesame-oidc' });
  fill(ticket?.secret, { email: 'parapet@example.com', apiToken: 'sesame-jira' });
  fill(chat?.secret, { botToken: 'xoxb-sesame' });
  return { one, configuration, readSecret: sample.clusters[0]?.readSecret ?? '' };
}

describe('doctor', () => {
  it('answers yes when everything is connected, and prints no secret', async () => {
    const { one } = await patient();
    const code = await one.type('doctor');
    expect(one.out.filter((line) => !line.startsWith('ok'))).toEqual([]);
    expect(code).toBe(0);
    expect([...one.out, ...one.err].join('\n')).not.toContain('sesame');
  });

  it.each([
    ['is missing', undefined, 'does not exist'],
    ['is the placeholder the stack made', '{"placeholder":"true"}', 'is still the placeholder'],
    ['is a mark a person left', '{"token":"REPLACE_ME","caPem":"x"}', 'is still the placeholder'],
    ['lacks a field', '{"token":"sesame"}', 'has not the fields'],
    ['is no JSON', 'sesame', 'is not a JSON object'],
  ])('names a secret that %s, with what to do, and not its value', async (_what, value, expected) => {
    const { one, readSecret } = await patient();
    if (value === undefined) one.secrets.delete(readSecret);
    else one.secrets.set(readSecret, value);
    expect(await one.type('doctor')).toBe(1);
    const at = one.out.findIndex((line) => line.startsWith('FIX'));
    expect(one.out[at]).toContain(`secret ${readSecret}: ${expected}`);
    expect(one.out[at + 1]).toContain('aws secretsmanager put-secret-value');
    expect([...one.out, ...one.err].join('\n')).not.toContain('sesame');
  });

  it('finds an issuer that is not what its provider calls itself, to the last slash - nobody could sign in', async () => {
    const { one } = await patient({}, `${url}/`);
    expect(await one.type('doctor')).toBe(1);
    expect(one.out.filter((line) => line.startsWith('FIX'))).toEqual([
      expect.stringContaining('identity provider: the discovery document names the issuer'),
    ]);
  });

  it('answers no for dead letters and says how many', async () => {
    const { one } = await patient({ messages: async (queue) => (queue.endsWith('alerts-given-up') ? 3 : 0) });
    expect(await one.type('doctor', '--json')).toBe(1);
    expect(one.json()).toMatchObject({ ok: false });
    expect(one.out.join('\n')).toContain('3 wait in alerts-given-up');
  });

  it('goes on after a table that cannot be reached, so that one round finds everything', async () => {
    const { one } = await patient({
      table: async (name) => {
        if (name === 'audit') throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
        return { status: 'ACTIVE' };
      },
    });
    expect(await one.type('doctor')).toBe(1);
    expect(one.out.filter((line) => line.startsWith('FIX'))).toEqual([
      'FIX   table audit: AWS refused: not authorized',
    ]);
    expect(one.out.length).toBeGreaterThan(15);
  });

  it('tells what is wrong in the configuration and still looks at the stack', async () => {
    const { one, configuration } = await patient();
    writeFileSync(configuration, '{"deployment":{},"sources":{},"aprovers":[]}');
    expect(await one.type('doctor')).toBe(1);
    expect(one.out[0]).toContain('aprovers');
    expect(one.out.join('\n')).toContain('table audit: can be reached');
  });

  it('tells when each source last sent something, and that nothing came yet', async () => {
    const { one } = await patient();
    await one.type('doctor');
    expect(one.out.join('\n')).toContain('last push of prisma-cloud-compute: nothing yet');
    const at = '2025-10-14T09:16:05.000Z';
    await one.pushes.note('prisma-cloud-compute', { at, channel: 'webhook', test: true });
    expect(await one.type('doctor')).toBe(0);
    expect(one.out.join('\n')).toContain(
      `last push of prisma-cloud-compute: ${at} by webhook; last test of the vendor ${at}`,
    );
  });

  it('tells when a source was last polled and what only the poll found - and what is in its way', async () => {
    const { one, configuration } = await patient();
    const config = JSON.parse(readFileSync(configuration, 'utf8'));
    config.sources['prisma-cloud-compute'].reconcileEveryMinutes = 15;
    writeFileSync(configuration, JSON.stringify(config));
    await one.type('doctor');
    expect(one.out.join('\n')).toContain('last poll of prisma-cloud-compute: nothing yet');
    const source = 'prisma-cloud-compute' as const;
    const state = { source, cursor: '2025-10-14T09:14:00.000Z', lastPollAt: '2025-10-14T09:16:00.000Z', lastAlerts: 3 };
    await one.polls.advance(state, undefined);
    await one.polls.countOnlyPolled(source, new Date('2025-10-14T09:15:00.000Z'));
    await one.type('doctor');
    expect(one.out.join('\n')).toContain('only the poll found 1, the last at 2025-10-14T09:15:00.000Z');
    await one.polls.advance({ ...state, trouble: 'RefusedError: 500' }, state.cursor);
    expect(await one.type('doctor')).toBe(1);
    expect(one.out.join('\n')).toContain('failed at 2025-10-14T09:16:00.000Z (RefusedError: 500)');
  });

  it('does not take a webhook for healthy that lets a call in without a credential', async () => {
    const { one } = await patient();
    server.removeAllListeners('request');
    server.on('request', (_request, response) => response.writeHead(202).end());
    expect(await one.type('doctor')).toBe(1);
    expect(one.out.join('\n')).toContain('answered 202 to a call without a credential, which must be refused');
  });
});
