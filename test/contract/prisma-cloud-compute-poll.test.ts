import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { normalize } from '../../connectors/cwpp/prisma-cloud-compute/map.ts';
import { pollerOf } from '../../connectors/cwpp/prisma-cloud-compute/poller.ts';
import { RefusedError, realHttp } from '../../connectors/http/request.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { sampleConfiguration } from '../fakes/configuration.ts';
import { type Console, startConsole } from './prisma-cloud-compute-console.ts';

let console: Console;
beforeEach(async () => {
  console = await startConsole();
});
afterEach(() => console.close());

const PERIOD = { since: new Date('2025-10-14T09:00:00.000Z'), until: new Date('2025-10-14T10:00:00.000Z'), limit: 100 };

function poller() {
  const configuration = { ...sampleConfiguration(), sources: { 'prisma-cloud-compute': console.configuration(false) } };
  const http = { ...realHttp, sleep: async () => undefined };
  const made = pollerOf(configuration, { http, secrets: console.secrets, now: () => new Date() });
  if (made === undefined) throw new Error('no poller');
  return made;
}

async function all(): Promise<string[]> {
  const bodies: string[] = [];
  let next: string | undefined;
  do {
    const page = await poller().poll({ ...PERIOD, next });
    bodies.push(...page.bodies);
    next = page.next;
  } while (next !== undefined);
  return bodies;
}

describe('polling a console', () => {
  it('reads incidents and audits of the period, and each is understood on its channel', async () => {
    const bodies = await all();
    expect(bodies.map((text) => JSON.parse(text).polled)).toEqual(
      expect.arrayContaining(['incident', 'container-audit']),
    );
    for (const text of bodies) {
      const reading = normalize(text, {
        sha256: sha256Hex(text),
        bytes: Buffer.byteLength(text),
        receivedAt: '2025-10-14T10:00:00.000Z',
        channel: 'poll',
      });
      expect(reading).toMatchObject({ ok: true, findings: [{ source: 'prisma-cloud-compute' }] });
    }
  });

  it('leaves out what is not of the period', async () => {
    const ids = (await all()).map((text) => JSON.parse(text).data._id);
    expect(ids).toContain('68ee2c16b2a8e98a1c36a9db');
    expect(ids).not.toContain('68ee0000b2a8e98a1c36a900');
  });

  it('reads every page of a long list', async () => {
    for (let index = 0; index < 120; index += 1) {
      console.sandbox.add('hostAudits', {
        _id: `host-${index}`,
        time: '2025-10-14T09:30:00.000Z',
        hostname: 'ip-10-0-12-34.ec2.internal',
        attackType: 'explicitlyDeniedDNS',
        msg: `DNS resolution of name n${index}.example.org, type A explicitly denied by a runtime rule`,
      });
    }
    const hosts = (await all()).filter((text) => JSON.parse(text).polled === 'host-audit');
    expect(hosts).toHaveLength(120);
  });

  it('says so when the console does not answer, so that the cursor stays', async () => {
    console.server.misbehave({ system: 'compute', path: 'audits/incidents', times: 9, reply: { status: 500 } });
    await expect(poller().poll(PERIOD)).rejects.toThrow(RefusedError);
  });
});
