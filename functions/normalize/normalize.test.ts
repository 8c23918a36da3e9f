import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { ConflictError } from '../../connectors/store/ports.ts';
import { incidentOpenedSchema } from '../../domain/events.ts';
import { findingDigest } from '../../domain/incident/cluster.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { workloadKey } from '../../domain/workload.ts';
import { busDown } from '../../test/fakes/bus.ts';
import { sampleFinding, sampleWorkload } from '../../test/fakes/stores.ts';
import { alertOf, failedItem, incidentId, intake, messageOf, none, understood } from '../../test/intake/alert-queue.ts';
import { normalizeBatch } from './batch.ts';

describe('normalize', () => {
  it('opens an incident for a new alert: raw body kept, audited, announced once', async () => {
    const { deps, incidents, audit, blobs, bus } = intake();
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
    const { deps, incidents } = intake();
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
    const { deps, incidents, blobs } = intake();
    const text = '{"large":true}';
    const pointer = await blobs.put(`alerts/${sha256Hex(text)}.json`, text);
    const alert = alertOf(text, { body: { in: 'store', pointer } });
    expect(await normalizeBatch(deps, { Records: [messageOf(alert)] })).toEqual(none);
    expect(await incidents.get(incidentId)).toBeDefined();
  });

  it('adds a second finding without announcing the incident again', async () => {
    const findings = [sampleFinding({ event: 'a' }), sampleFinding({ event: 'b', severity: 'critical' })];
    const { deps, incidents, audit, bus } = intake(() => understood(...findings));
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 2, severity: 'critical' });
    expect((await audit.read(incidentId)).map(({ kind }) => kind)).toEqual(['incident.opened', 'finding.attached']);
    expect(bus.published).toHaveLength(1);
  });

  it('starts nothing and writes nothing for an alert its sender repeats', async () => {
    const { deps, incidents, audit, bus } = intake();
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
      const { deps, incidents, audit, bus } = intake();
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
    const { deps, bus } = intake(
      (
        (n) => () =>
          understood(sampleFinding({ event: `event-${n++}` }))
      )(0),
    );
    bus.failNext('publish', busDown);
    const opener = messageOf(alertOf('{}'), { id: 'opener' });
    const others = Array.from({ length: 5 }, (_, index) =>
      messageOf(alertOf('{}', { deliveryId: `other-${index}` }), { id: `other-${index}` }),
    );
    expect(await normalizeBatch(deps, { Records: [opener, ...others] })).toEqual(failedItem('opener'));
    expect(bus.published).toEqual([]);
  });

  it('announces in the place of an opener that has been silent for a minute', async () => {
    const { deps, bus, clock } = intake(
      (
        (n) => () =>
          understood(sampleFinding({ event: `event-${n++}` }))
      )(0),
    );
    bus.failNext('publish', busDown);
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    clock.at += 61_000;
    const later = alertOf('{}', { deliveryId: 'later', receivedAt: '2025-10-14T09:17:06.000Z' });
    await normalizeBatch(deps, { Records: [messageOf(later)] });
    expect(bus.published).toHaveLength(1);
  });

  it('asks for every message again when all fail, instead of failing as a whole', async () => {
    const { deps, incidents } = intake();
    incidents.failNext('attach', new ConflictError('too many at once'), 2);
    const result = await normalizeBatch(deps, {
      Records: [messageOf(alertOf('{}'), { id: 'a' }), messageOf(alertOf('[]'), { id: 'b' })],
    });
    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['a', 'b']);
  });

  it('refuses an event that is not of a queue', async () => {
    await expect(normalizeBatch(intake().deps, { Records: [{ Sns: {} }] })).rejects.toThrow();
  });

  it('counts an alert without findings - a test delivery leaves a trace', async () => {
    const { deps, telemetry, incidents } = intake(() => understood());
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect(telemetry.counted('AlertWithoutFindings', { source: 'prisma-cloud-compute' })).toBe(1);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
  });

  it('writes no alert text into its log', async () => {
    const { deps, telemetry, bus } = intake(() => ({ ok: false, reason: 'canary-reason' }));
    bus.failNext('publish', busDown);
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{"x":"canary-body"}'))] });
    expect(JSON.stringify(telemetry.said)).not.toContain('canary');
  });
});
