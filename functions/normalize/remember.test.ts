import { describe, expect, it } from 'vitest';
import { baselineKeyOf } from '../../domain/baseline/observe.ts';
import { memoryBaselineStore, memoryLinkStore, memoryPollStore } from '../../test/fakes/context-stores.ts';
import { sampleFinding, sampleWorkload } from '../../test/fakes/findings.ts';
import { alertOf, intake, messageOf, understood } from '../../test/intake/alert-queue.ts';
import { normalize } from './normalize.ts';

const plain = sampleFinding();
const seen = {
  ...plain,
  finding: {
    ...plain.finding,
    evidences: [{ process: { path: '/tmp/.x/xmrig' }, dst_endpoint: { ip: '203.0.113.9', port: 3333 } }],
  },
};

function setUp() {
  const { deps, ...fakes } = intake(() => understood(seen));
  const memory = { baselines: memoryBaselineStore(), links: memoryLinkStore(), polls: memoryPollStore() };
  const deliver = (again = false, channel = 'webhook') =>
    normalize({ ...deps, memory }, messageOf(alertOf('{}', { channel })).body, again);
  return { ...fakes, memory, deliver, now: deps.now };
}

describe('what is remembered of a finding', () => {
  it('is its habits and its links, for the incidents that come later', async () => {
    const { memory, deliver, now } = setUp();
    await deliver();
    expect((await memory.baselines.get(baselineKeyOf(sampleWorkload())))?.habits.process.entries).toMatchObject([
      { value: '/tmp/.x/xmrig', count: 1 },
    ]);
    const address = { what: 'ip' as const, value: '203.0.113.9' };
    expect(await memory.links.sharing(address, { except: '', now: now() })).toMatchObject([
      { workload: 'payments/checkout in prod-eks' },
    ]);
  });

  it('is not written again for a duplicate - its way must stay short', async () => {
    const { memory, deliver, incidents, telemetry } = setUp();
    await deliver();
    memory.baselines.failNext('learn', new Error('must not be called'));
    memory.links.failNext('link', new Error('must not be called'));
    await deliver(true);
    expect((await incidents.list({ limit: 9 }))[0]).toMatchObject({ findingCount: 1, duplicateCount: 1 });
    expect(telemetry.counted('FindingNotRemembered')).toBe(0);
  });

  it('counts what only the poll found, and not what the push had brought before', async () => {
    const { memory, deliver, telemetry } = setUp();
    await deliver(false, 'poll');
    await deliver(false, 'poll');
    await deliver();
    expect(telemetry.counted('AlertOnlyFoundByPoll', { source: 'prisma-cloud-compute' })).toBe(1);
    expect(await memory.polls.onlyPolled('prisma-cloud-compute')).toMatchObject({ count: 1 });
    const other = setUp();
    await other.deliver();
    await other.deliver(false, 'poll');
    expect(await other.memory.polls.onlyPolled('prisma-cloud-compute')).toEqual({ count: 0 });
  });

  it('never keeps an alert waiting: what could not be remembered is counted, and the incident is announced', async () => {
    const { memory, deliver, bus, telemetry } = setUp();
    memory.baselines.failNext('learn', new Error('throttled'));
    memory.links.failNext('link', new Error('throttled'));
    await deliver();
    expect(bus.published).toHaveLength(1);
    expect(telemetry.counted('FindingNotRemembered')).toBe(2);
  });
});
