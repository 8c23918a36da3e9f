import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { ConflictError } from '../../connectors/store/ports.ts';
import { incidentOpenedSchema } from '../../domain/events.ts';
import { findingDigest } from '../../domain/incident/cluster.ts';
import { incidentIdFor } from '../../domain/incident/incident.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import type { Normalization, NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { workloadKey } from '../../domain/workload.ts';
import { busDown, memoryBus } from '../../test/fakes/bus.ts';
import {
  memoryAuditLog,
  memoryBlobStore,
  memoryIncidentStore,
  memoryQuarantineStore,
  sampleFinding,
  sampleWorkload,
} from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { normalizeBatch } from './batch.ts';
import type { NormalizeDeps } from './deps.ts';

const incidentId = incidentIdFor(workloadKey(sampleWorkload()), 1);

function setUp(mapper: (body: unknown) => Normalization = () => understood(sampleFinding())) {
  const clock = { at: Date.parse('2025-10-14T09:16:06.000Z') };
  const fakes = {
    incidents: memoryIncidentStore(),
    quarantine: memoryQuarantineStore(),
    audit: memoryAuditLog(),
    blobs: memoryBlobStore(),
    bus: memoryBus(),
    telemetry: recordingTelemetry(),
  };
  const deps: NormalizeDeps = {
    ...fakes,
    mapperFor: () => ({ normalize: mapper }),
    windowMinutes: 60,
    now: () => new Date(clock.at),
  };
  return { ...fakes, deps, clock };
}

function understood(...findings: NormalizedFinding[]): Normalization {
  return { ok: true, findings, notes: [] };
}

function alertOf(text: string, change: Record<string, unknown> = {}) {
  return {
    deliveryId: '01K7HA0000000000000000TEST',
    source: 'prisma-cloud-compute',
    receivedAt: '2025-10-14T09:16:05.000Z',
    sha256: sha256Hex(text),
    bytes: Buffer.byteLength(text),
    body: { in: 'event', text },
    ...change,
  };
}

/** An EventBridge event in an SQS message, with the fields both services add. */
function messageOf(detail: unknown, { id = 'm-1', count = 1 } = {}) {
  return {
    messageId: id,
    receiptHandle: 'handle',
    body: JSON.stringify({
      version: '0',
      id: '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b',
      'detail-type': 'Alert Received',
      source: 'parapet',
      account: '111122223333',
      time: '2025-10-14T09:16:05Z',
      region: 'us-east-1',
      resources: [],
      detail,
    }),
    attributes: { ApproximateReceiveCount: String(count), SentTimestamp: '1760433365000' },
    messageAttributes: {},
    eventSource: 'aws:sqs',
  };
}

const none = { batchItemFailures: [] };
const failedItem = (id: string) => ({ batchItemFailures: [{ itemIdentifier: id }] });

describe('normalize', () => {
  it('opens an incident for a new alert: raw body kept, audited, announced once', async () => {
    const { deps, incidents, audit, blobs, bus } = setUp();
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{"type":"x"}'))] })).toEqual(none);
    expect(await blobs.get(`alerts/${sha256Hex('{"type":"x"}')}.json`)).toBe('{"type":"x"}');
    expect(await incidents.get(incidentId)).toMatchObject({
      times: { received: '2025-10-14T09:16:05.000Z', opened: '2025-10-14T09:16:06.000Z' },
    });
    expect(bus.published).toEqual([
      {
        detailType: 'Incident Opened',
        detail: {
          incidentId,
          source: 'prisma-cloud-compute',
          severity: 'high',
          workloadKey: workloadKey(sampleWorkload()),
          openedAt: '2025-10-14T09:16:06.000Z',
        },
      },
    ]);
    expect(incidentOpenedSchema.safeParse(bus.published[0]?.detail).success).toBe(true);
    expect(incidents.announced(incidentId)).toBe(true);
    expect(await audit.read(incidentId)).toMatchObject([
      {
        kind: 'incident.opened',
        actor: { type: 'function', id: 'normalize' },
        data: {
          finding: findingDigest(sampleFinding()),
          deliveryId: '01K7HA0000000000000000TEST',
          rawKey: `alerts/${sha256Hex('{"type":"x"}')}.json`,
          sha256: sha256Hex('{"type":"x"}'),
          severity: 'high',
        },
      },
    ]);
  });

  it('makes an incident of the body Prisma Cloud Compute sends, with the mapper of the registry', async () => {
    const text = readFileSync(
      new URL('../../test/fixtures/webhooks/compute-container-cryptominer.json', import.meta.url),
      'utf8',
    );
    const { deps, incidents } = setUp();
    const result = await normalizeBatch({ ...deps, mapperFor }, { Records: [messageOf(alertOf(text))] });
    expect(result).toEqual(none);
    const [incident] = await incidents.list({ limit: 1 });
    expect(incident?.workload).toMatchObject({
      kind: 'pod',
      cluster: 'prod-eks',
      namespace: 'payments',
      controller: 'checkout',
    });
    expect(incident?.confirmed).toBe(false);
  });

  it('fetches a large body by its pointer', async () => {
    const { deps, incidents, blobs } = setUp();
    const text = '{"large":true}';
    const pointer = await blobs.put(`alerts/${sha256Hex(text)}.json`, text);
    const alert = alertOf(text, { body: { in: 'store', pointer } });
    expect(await normalizeBatch(deps, { Records: [messageOf(alert)] })).toEqual(none);
    expect(await incidents.get(incidentId)).toBeDefined();
  });

  it('adds a second finding without announcing the incident again', async () => {
    const findings = [sampleFinding({ event: 'a' }), sampleFinding({ event: 'b', severity: 'critical' })];
    const { deps, incidents, audit, bus } = setUp(() => understood(...findings));
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 2, severity: 'critical' });
    expect((await audit.read(incidentId)).map(({ kind }) => kind)).toEqual(['incident.opened', 'finding.attached']);
    expect(bus.published).toHaveLength(1);
  });

  it('starts nothing and writes nothing for an alert its sender repeats', async () => {
    const { deps, incidents, audit, bus } = setUp();
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    const repeated = alertOf('{}', { deliveryId: 'another', receivedAt: '2025-10-14T09:20:00.000Z' });
    await normalizeBatch(deps, { Records: [messageOf(repeated)] });
    expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 1, duplicateCount: 1 });
    expect(await audit.read(incidentId)).toHaveLength(1);
    expect(bus.published).toHaveLength(1);
  });

  describe('delivered again after a try that stopped half-way', () => {
    it.each([
      ['before its audit entry', 'audit'] as const,
      ['before the announcement', 'bus'] as const,
      ['before it was remembered as announced', 'mark'] as const,
    ])('finishes what was left when it stopped %s', async (_, where) => {
      const { deps, incidents, audit, bus } = setUp();
      if (where === 'audit') audit.failNext('append', new ConflictError('busy'));
      if (where === 'bus') bus.failNext('publish', busDown);
      if (where === 'mark') incidents.failNext('markAnnounced', new ConflictError('busy'));
      expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(failedItem('m-1'));
      expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'), { count: 2 })] })).toEqual(none);
      expect(incidents.announced(incidentId)).toBe(true);
      expect(bus.published).toHaveLength(where === 'mark' ? 2 : 1);
      expect((await audit.read(incidentId)).map(({ kind }) => kind)).toEqual(['incident.opened']);
      expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 1 });
    });
  });

  it('leaves the announcement to the delivery that opened the incident - a storm must not start an execution per finding', async () => {
    const { deps, bus } = setUp(
      (
        (n) => () =>
          understood(sampleFinding({ event: `event-${n++}` }))
      )(0),
    );
    bus.failNext('publish', busDown);
    const opener = messageOf(alertOf('{}'), { id: 'opener' });
    const others = Array.from({ length: 5 }, (_, index) =>
      messageOf(alertOf('{}', { receivedAt: `2025-10-14T09:16:05.10${index}Z` }), { id: `other-${index}` }),
    );
    expect(await normalizeBatch(deps, { Records: [opener, ...others] })).toEqual(failedItem('opener'));
    expect(bus.published).toEqual([]);
  });

  it('announces in the place of an opener that has been silent for a minute', async () => {
    const { deps, bus, clock } = setUp(
      (
        (n) => () =>
          understood(sampleFinding({ event: `event-${n++}` }))
      )(0),
    );
    bus.failNext('publish', busDown);
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    clock.at += 61_000;
    const later = alertOf('{}', { receivedAt: '2025-10-14T09:17:06.000Z' });
    await normalizeBatch(deps, { Records: [messageOf(later)] });
    expect(bus.published).toHaveLength(1);
  });

  it('quarantines what its mapper does not understand, with the reason, once', async () => {
    const { deps, quarantine, incidents, telemetry } = setUp(() => ({ ok: false, reason: 'the alert has no type' }));
    const text = '{"unknown":true}';
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    const held = await quarantine.list({ limit: 10 });
    expect(held).toEqual([
      {
        quarantineId: held[0]?.quarantineId,
        source: 'prisma-cloud-compute',
        deliveryId: '01K7HA0000000000000000TEST',
        receivedAt: '2025-10-14T09:16:05.000Z',
        quarantinedAt: '2025-10-14T09:16:06.000Z',
        reason: 'the alert has no type',
        rawKey: `alerts/${sha256Hex(text)}.json`,
        sha256: sha256Hex(text),
        bytes: text.length,
        status: 'held',
      },
    ]);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
    expect(telemetry.counted('AlertQuarantined', { source: 'prisma-cloud-compute' })).toBe(2);
  });

  it('quarantines an alert on which the mapper throws - trying again would not help, an update will', async () => {
    const { deps, quarantine, telemetry } = setUp(() => {
      throw new RangeError('Maximum call stack size exceeded');
    });
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect((await quarantine.list({ limit: 1 }))[0]?.reason).toContain('fault of Parapet');
    expect(telemetry.said.some(({ level, event }) => level === 'error' && event === 'mapper failed')).toBe(true);
  });

  it('quarantines a body that is not the one that was received', async () => {
    const { deps, quarantine, incidents } = setUp();
    const forged = alertOf('{"a":1}', { sha256: sha256Hex('{"a":2}') });
    expect(await normalizeBatch(deps, { Records: [messageOf(forged)] })).toEqual(none);
    expect(await quarantine.list({ limit: 1 })).toMatchObject([
      { reason: expect.stringContaining('not the one that was received'), sha256: sha256Hex('{"a":1}') },
    ]);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
  });

  it('quarantines an alert whose body is gone, naming where it should be', async () => {
    const { deps, quarantine } = setUp();
    const pointer = { key: 'alerts/gone.json', sha256: sha256Hex('gone'), bytes: 4 };
    const alert = alertOf('gone', { body: { in: 'store', pointer } });
    expect(await normalizeBatch(deps, { Records: [messageOf(alert)] })).toEqual(none);
    expect(await quarantine.list({ limit: 1 })).toMatchObject([{ rawKey: 'alerts/gone.json', bytes: 4 }]);
  });

  it('quarantines a body nested too deeply, whoever put it on the bus', async () => {
    const { deps, quarantine } = setUp();
    const text = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    expect((await quarantine.list({ limit: 1 }))[0]?.reason).toBe('the body is nested too deeply');
  });

  it('holds the body of an event that is not as agreed', async () => {
    const { deps, quarantine, blobs } = setUp();
    const event = { source: 'prisma-cloud-compute', body: { in: 'elsewhere', text: '{"kept":true}' } };
    expect(await normalizeBatch(deps, { Records: [messageOf(event)] })).toEqual(none);
    expect(await quarantine.list({ limit: 1 })).toMatchObject([
      { deliveryId: 'unknown', sha256: sha256Hex('{"kept":true}'), reason: expect.stringContaining('not as agreed') },
    ]);
    expect(await blobs.get(`alerts/${sha256Hex('{"kept":true}')}.json`)).toBe('{"kept":true}');
  });

  it.each([
    ['no JSON', { ...messageOf({}), body: 'not json' }],
    [
      'another event',
      { ...messageOf({}), body: JSON.stringify({ source: 'aws.ec2', 'detail-type': 'x', detail: {} }) },
    ],
    ['an unknown source', messageOf({ source: 'nobody', body: { text: '{}' } })],
    ['no body', messageOf({ source: 'prisma-cloud-compute' })],
  ])('leaves a message with %s to the dead-letter queue, and the rest of the batch goes on', async (_, poison) => {
    const { deps, incidents, telemetry } = setUp();
    const good = messageOf(alertOf('{}'), { id: 'good' });
    expect(await normalizeBatch(deps, { Records: [poison, good] })).toEqual(failedItem('m-1'));
    expect(await incidents.get(incidentId)).toBeDefined();
    expect(telemetry.counted('MessageFailed')).toBe(1);
  });

  it('asks for every message again when all fail, instead of failing as a whole', async () => {
    const { deps, incidents } = setUp();
    incidents.failNext('attach', new ConflictError('too many at once'), 2);
    const result = await normalizeBatch(deps, {
      Records: [messageOf(alertOf('{}'), { id: 'a' }), messageOf(alertOf('[]'), { id: 'b' })],
    });
    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['a', 'b']);
  });

  it('refuses an event that is not of a queue', async () => {
    await expect(normalizeBatch(setUp().deps, { Records: [{ Sns: {} }] })).rejects.toThrow();
  });

  it('stores a finding that is too large without its copies, so that a flooded alert is still investigated', async () => {
    const flooded = sampleFinding({ unmapped: { commandLine: 'x'.repeat(500_000) } });
    const { deps, incidents, quarantine } = setUp(() => understood(flooded));
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    const [stored] = await incidents.findings(incidentId);
    expect(stored?.finding.unmapped).toEqual({ left_out: expect.any(String) });
    expect(stored?.severity).toBe('high');
    expect(await quarantine.list({ limit: 1 })).toEqual([]);
  });

  it('holds the alert when one finding cannot be stored at all, and the other findings go their way', async () => {
    const base = sampleFinding({ event: 'huge' });
    const huge = { ...base, finding: { ...base.finding, message: 'x'.repeat(500_000) } };
    const { deps, incidents, quarantine } = setUp(() => understood(huge, sampleFinding({ event: 'small' })));
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 1 });
    expect((await quarantine.list({ limit: 1 }))[0]?.reason).toBe('finding 1 of 2 too large to store');
  });

  it('counts an alert without findings - a test delivery leaves a trace', async () => {
    const { deps, telemetry, incidents } = setUp(() => understood());
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect(telemetry.counted('AlertWithoutFindings', { source: 'prisma-cloud-compute' })).toBe(1);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
  });

  it('writes no alert text into its log', async () => {
    const { deps, telemetry, bus } = setUp(() => ({ ok: false, reason: 'canary-reason' }));
    bus.failNext('publish', busDown);
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{"x":"canary-body"}'))] });
    expect(JSON.stringify(telemetry.said)).not.toContain('canary');
  });
});
