import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/prisma-cloud/map.ts';
import { pollerOf } from '../../connectors/cwpp/prisma-cloud/poller.ts';
import { RefusedError, realHttp, UnusableAnswerError } from '../../connectors/http/request.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { startTenant, type Tenant } from './prisma-cloud-tenant.ts';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await startTenant();
});
afterEach(() => tenant.close());

const PERIOD = { since: new Date('2025-01-01T00:00:00.000Z'), until: new Date('2027-01-01T00:00:00.000Z') };

function poller() {
  const configuration = { ...sampleConfiguration(), sources: { 'prisma-cloud': tenant.configuration } };
  const http = { ...realHttp, sleep: async () => undefined };
  const made = pollerOf(configuration, { http, secrets: tenant.secrets, now: () => new Date() });
  if (made === undefined) throw new Error('no poller');
  return made;
}

async function all(limit: number): Promise<string[]> {
  const bodies: string[] = [];
  let next: string | undefined;
  do {
    const page = await poller().poll({ ...PERIOD, limit, next });
    bodies.push(...page.bodies);
    next = page.next;
  } while (next !== undefined);
  return bodies;
}

describe('polling a tenant', () => {
  it('reads every page of its open alerts, and each is understood on its channel', async () => {
    const bodies = await all(1);
    expect(bodies.length).toBeGreaterThan(0);
    expect([...(await all(100))].sort()).toEqual([...bodies].sort());
    for (const text of bodies) {
      const context = {
        sha256: sha256Hex(text),
        bytes: Buffer.byteLength(text),
        receivedAt: '2026-12-01T00:00:00.000Z',
      };
      expect(normalize(text, { ...context, channel: 'poll' })).toMatchObject({ ok: true });
    }
  });

  it('says so when the tenant does not answer or names another address, so that the cursor stays', async () => {
    tenant.server.misbehave({ system: 'prisma-cloud', path: 'v2/alert', times: 9, reply: { status: 400 } });
    await expect(poller().poll({ ...PERIOD, limit: 10 })).rejects.toThrow(RefusedError);
    await tenant.close();
    tenant = await startTenant();
    const body = JSON.stringify({ items: [], nextPageToken: 'https://elsewhere.example/next' });
    tenant.server.misbehave({ system: 'prisma-cloud', path: 'v2/alert', reply: { status: 200, body } });
    await expect(poller().poll({ ...PERIOD, limit: 10 })).rejects.toThrow(UnusableAnswerError);
  });
});
