import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wizPoller } from '../../connectors/cwpp/wiz/poller.ts';
import { realHttp, UnusableAnswerError } from '../../connectors/http/request.ts';
import { ocsfErrors } from './prisma-cloud-compute-fixtures.ts';
import { findingsOf, story } from './wiz-fixtures.ts';
import { startTenant, type WizTenant } from './wiz-tenant.ts';

let on: WizTenant;
beforeEach(async () => {
  on = await startTenant();
});
afterEach(() => on.close());

const PERIOD = { since: new Date('2025-11-03T14:00:00Z'), until: new Date('2025-11-03T15:00:00Z') };

function poller(tenant = on) {
  const api = {
    endpoint: `${tenant.server.url}/wiz/graphql`,
    tokenUrl: `${tenant.server.url}/wiz/oauth/token`,
    audience: 'wiz-api',
    readSecret: 'parapet/wiz/read',
  };
  const http = { ...realHttp, sleep: async () => undefined };
  return wizPoller(api, { http, secrets: tenant.secrets, now: () => new Date('2025-11-03T15:05:00Z') });
}

async function everything(limit: number): Promise<readonly string[]> {
  const one = poller();
  const bodies: string[] = [];
  for (let next: string | undefined, pages = 0; pages < 20; pages += 1) {
    const page = await one.poll({ ...PERIOD, limit, ...(next === undefined ? {} : { next }) });
    bodies.push(...page.bodies);
    if (page.next === undefined) return bodies;
    next = page.next;
  }
  throw new Error('paging does not end');
}

describe('the poll', () => {
  it.each([1, 100])(
    'with %i records a page gives the findings the webhooks gave, and only those of its period',
    async (limit) => {
      const polled = findingsOf(...(await everything(limit)));
      const pushed = findingsOf(story('issue'), story('detection-escape'), story('detection-token'));
      const ofPolled = polled.map(({ deduplicationKey, severity, workload }) => [
        deduplicationKey,
        severity,
        workload.kind,
      ]);
      expect(ofPolled).toEqual(
        pushed.map(({ deduplicationKey, severity, workload }) => [deduplicationKey, severity, workload.kind]),
      );
      expect(polled.map(({ finding }) => ocsfErrors(finding))).toEqual([[], [], []]);
      for (const [index, { workload }] of polled.entries()) {
        const { kind, cluster, namespace, pod, controller } = Object(workload);
        expect(pushed[index]?.workload).toMatchObject({ kind, cluster, namespace, pod, controller });
      }
    },
  );

  it('is made again when a page came only in part - the cursor moves on, and the rest would be lost', async () => {
    const body = { data: { issuesV2: { nodes: [], pageInfo: null } }, errors: [{ message: 'timed out' }] };
    on.server.misbehave({ system: 'wiz', path: '/graphql', reply: { status: 200, body: JSON.stringify(body) } });
    await expect(poller().poll({ ...PERIOD, limit: 10 })).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('says so when the tenant has no such list', async () => {
    const old = await startTenant({ tenant: '2023' });
    try {
      await expect(poller(old).poll({ ...PERIOD, limit: 10 })).rejects.toThrow(/Cannot query field "issuesV2"/);
    } finally {
      await old.close();
    }
  });
});
