import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { baselineKeyOf } from '../../domain/baseline/observe.ts';
import { evidencePartSchema } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { memoryBaselineStore, memoryLinkStore } from '../../test/fakes/context-stores.ts';
import { sampleFinding, sampleWorkload } from '../../test/fakes/findings.ts';
import { sampleIncident } from '../../test/fakes/incidents.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { gatherBaseline } from './gather-baseline.ts';

const opened = '2025-10-20T09:00:00.000Z';
const daysBefore = (days: number) => Date.parse(opened) - days * 24 * 3_600_000;
const point = (at: number) => ({ first: at, last: at });
type Evidences = NonNullable<NormalizedFinding['finding']['evidences']>;

function found(event: string, evidences: Evidences, pod = sampleWorkload().pod): NormalizedFinding {
  const finding = sampleFinding({ event, workload: { ...sampleWorkload(), pod } });
  return { ...finding, finding: { ...finding.finding, evidences } };
}

const MINER: Evidences = [{ process: { path: '/tmp/.x/xmrig' }, dst_endpoint: { ip: '203.0.113.9', port: 3333 } }];

function setUp(findings: readonly NormalizedFinding[] = [found('1', MINER)]) {
  const incidents = memoryIncidentStore();
  const baselines = memoryBaselineStore();
  const links = memoryLinkStore();
  const blobs = memoryBlobStore();
  const telemetry = recordingTelemetry();
  const incident = sampleIncident({ times: { received: opened, opened } });
  incidents.seed(incident, findings);
  const deps = { incidents, baselines, links, blobs, audit: memoryAuditLog(), telemetry, now: () => new Date(opened) };
  return {
    incident,
    incidents,
    baselines,
    links,
    telemetry,
    deps,
    key: baselineKeyOf(sampleWorkload()),
    async gather() {
      const output = await gatherBaseline(deps, { incidentId: incident.incidentId, part: 'baseline' });
      const part = evidencePartSchema.parse(JSON.parse(await blobs.get(output.key)));
      return { output, facts: part.drafts.map(({ fact }) => fact), part };
    },
  };
}

describe('gatherBaseline', () => {
  it('tells what was never seen before, over how long, and how many replicas share it', async () => {
    const { baselines, key, gather } = setUp([
      found('1', MINER),
      found('2', [{ process: { path: '/tmp/.x/xmrig' } }, { process: { path: '/usr/bin/java' } }], 'checkout-b'),
    ]);
    await baselines.learn(key, [{ dimension: 'process', value: '/usr/bin/java' }], point(daysBefore(12.5)));
    const { facts, output } = await gather();
    const basis =
      "what findings and the vendor's profile showed of this workload and image since 2025-10-07T21:00:00.000Z";
    const never = { kind: 'anomaly', neverSeenBefore: true, observedForDays: 12.5, basis };
    expect(facts).toEqual([
      { ...never, dimension: 'process', value: '/tmp/.x/xmrig', sharedByReplicas: 2 },
      { ...never, dimension: 'network', value: '203.0.113.0/24', sharedByReplicas: 1 },
    ]);
    expect(output).toMatchObject({ part: 'baseline', items: 2, gaps: [] });
  });

  it("does not count the incident's own findings as seen before", async () => {
    const { baselines, key, gather } = setUp();
    await baselines.learn(key, [{ dimension: 'process', value: '/usr/bin/java' }], point(daysBefore(3)));
    await baselines.learn(key, [{ dimension: 'process', value: '/tmp/.x/xmrig' }], point(Date.parse(opened)));
    expect((await gather()).facts).toContainEqual(expect.objectContaining({ value: '/tmp/.x/xmrig' }));
  });

  it('claims nothing, and no gap, for a workload nothing is known of - everything would be new', async () => {
    const { gather } = setUp();
    expect(await gather()).toMatchObject({ facts: [], output: { gaps: [] } });
  });

  it('says nothing of what was seen before - an attack of last week would excuse the one of today', async () => {
    const { baselines, key, gather } = setUp();
    await baselines.learn(
      key,
      [
        { dimension: 'process', value: '/tmp/.x/xmrig' },
        { dimension: 'network', value: '203.0.113.0/24' },
      ],
      point(daysBefore(7)),
    );
    expect((await gather()).facts).toEqual([]);
  });

  it('names the other incidents that share an address, and what they share', async () => {
    const { links, gather } = setUp();
    const other = { incidentId: 'inc-other', openedAt: '2025-10-19T00:00:00.000Z', workload: 'shop/cart in prod-eks' };
    const address = { what: 'ip' as const, value: '203.0.113.9' };
    await links.link(other, [address], new Date(opened));
    expect((await gather()).facts).toEqual([{ kind: 'linked-incident', ...other, shared: [address] }]);
  });

  it('does not link a workload with its own past by the image it still runs', async () => {
    const { links, gather } = setUp();
    const image = { what: 'image' as const, value: String(sampleWorkload().imageDigest) };
    const past = { openedAt: '2025-10-19T00:00:00.000Z' };
    await links.link(
      { ...past, incidentId: 'inc-past', workload: 'payments/checkout in prod-eks' },
      [image],
      new Date(),
    );
    await links.link({ ...past, incidentId: 'inc-cart', workload: 'shop/cart in prod-eks' }, [image], new Date());
    expect((await gather()).facts).toMatchObject([{ incidentId: 'inc-cart', shared: [image] }]);
  });

  it.each([
    ['baselines', 'what is usual for this workload'],
    ['links', 'incidents that share something with this one'],
  ] as const)('names the gap when %s cannot be read, and keeps the other half', async (which, missing) => {
    const { deps, gather, telemetry, baselines, key, links } = setUp();
    await baselines.learn(key, [{ dimension: 'user', value: 'app' }], point(daysBefore(3)));
    const other = { incidentId: 'inc-other', openedAt: '2025-10-19T00:00:00.000Z', workload: 'shop/cart in prod-eks' };
    await links.link(other, [{ what: 'ip', value: '203.0.113.9' }], new Date(opened));
    if (which === 'links') deps.links.failNext('sharing', new Error('throttled'), 9);
    else deps.baselines.failNext('get', new Error('throttled'), 9);
    const { facts, output } = await gather();
    const reason = 'the incident store could not be read (Error)';
    expect(facts).toContainEqual({ kind: 'gap', missing, reason });
    expect(facts.length).toBeGreaterThan(1);
    expect(output.gaps).toEqual([reason]);
    expect(telemetry.said).toMatchObject([{ level: 'error', event: 'memory unreadable' }]);
  });

  it('refuses another part and an incident that is not there', async () => {
    const { deps, incident } = setUp();
    await expect(gatherBaseline(deps, { incidentId: incident.incidentId, part: 'history' })).rejects.toThrow();
    await expect(gatherBaseline(deps, { incidentId: 'inc-none', part: 'baseline' })).rejects.toThrow(NotFoundError);
  });
});
