import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { sampleFinding } from '../../test/fakes/stores.ts';
import { alertOf, incidentId, intake, messageOf, none, understood } from '../../test/intake/alert-queue.ts';
import { normalizeBatch } from './batch.ts';

const text = readFileSync(
  new URL('../../test/fixtures/webhooks/compute-container-cryptominer.json', import.meta.url),
  'utf8',
);

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('the same alert', () => {
  it.each([
    ['in another order of its keys', JSON.stringify(reversed(JSON.parse(text)))],
    ['without white space', JSON.stringify(JSON.parse(text))],
    ['with other white space', JSON.stringify(JSON.parse(text), undefined, '\t')],
    ['with a byte order mark', `\ufeff${text}`],
    ['with escapes instead of characters', JSON.stringify(JSON.parse(text)).replaceAll('/', '\\u002f')],
  ])('%s is a duplicate: nothing is opened, announced, audited or kept again', async (_, other) => {
    expect(other).not.toBe(text);
    const { deps, incidents, bus, audit, blobs } = intake();
    const real = { ...deps, mapperFor };
    expect(await normalizeBatch(real, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    const [opened] = await incidents.list({ limit: 10 });
    const receivedAt = '2025-10-14T09:20:00.000Z';
    await normalizeBatch(real, { Records: [messageOf(alertOf(other, { deliveryId: 'other', receivedAt }))] });
    expect(await incidents.list({ limit: 10 })).toEqual([
      { ...opened, duplicateCount: (opened?.duplicateCount ?? 0) + (opened?.findingCount ?? 0) },
    ]);
    expect(bus.published).toHaveLength(1);
    expect(await audit.read(opened?.incidentId ?? '')).toHaveLength(opened?.findingCount ?? 0);
    expect(blobs.keys()).toEqual([`alerts/${sha256Hex(text)}.json`]);
  });

  it('after eight days is history: the incident it belongs to counts it, and nothing starts', async () => {
    const { deps, incidents, bus, audit, clock } = intake();
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    await incidents.update(incidentId, { status: 'concluded' });
    clock.at += 8 * 24 * 3600_000;
    const receivedAt = new Date(clock.at).toISOString();
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}', { deliveryId: 'late', receivedAt }))] });
    expect(await incidents.list({ limit: 10 })).toMatchObject([
      { incidentId, status: 'concluded', findingCount: 1, duplicateCount: 1 },
    ]);
    expect(bus.published).toHaveLength(1);
    expect(await audit.read(incidentId)).toHaveLength(1);
  });

  it('keeps its body when the first try stopped before anything was stored', async () => {
    const { deps, incidents, blobs } = intake();
    incidents.failNext('attach', new Error('throttled'));
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    expect(blobs.keys()).toEqual([]);
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'), { count: 2 })] });
    expect(blobs.keys()).toEqual([`alerts/${sha256Hex('{}')}.json`]);
  });

  it('is never referred to by a finding whose body could not be kept', async () => {
    const { deps, incidents, blobs } = intake();
    blobs.failNext('put', new Error('SlowDown'));
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] });
    expect(await incidents.list({ limit: 1 })).toEqual([]);
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'), { count: 2 })] });
    expect(await incidents.list({ limit: 1 })).toHaveLength(1);
    expect(blobs.keys()).toHaveLength(1);
  });

  it('with one new finding beside known ones is kept, because the new one refers to it', async () => {
    const events = [['a'], ['a', 'b']];
    const { deps, blobs } = intake(() =>
      understood(...(events.shift() ?? []).map((event) => sampleFinding({ event }))),
    );
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{"n":1}'))] });
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{"n":2}'))] });
    expect(blobs.keys()).toHaveLength(2);
  });
});

describe('what sources sent last', () => {
  it('is noted once a minute, tests of the vendor apart from alerts', async () => {
    const { deps, pushStore, clock } = intake((body) =>
      String(body).includes('test')
        ? { ok: true, findings: [], notes: ['a test delivery of the vendor'] }
        : understood(sampleFinding()),
    );
    for (let n = 0; n < 20; n += 1) await normalizeBatch(deps, { Records: [messageOf(alertOf(`{"n":${n}}`))] });
    expect(pushStore.noted).toHaveLength(1);
    const receivedAt = '2025-10-14T09:16:30.000Z';
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{"test":1}', { receivedAt }))] });
    expect(await pushStore.get('prisma-cloud-compute')).toEqual({
      source: 'prisma-cloud-compute',
      lastPushAt: receivedAt,
      lastChannel: 'webhook',
      lastTestAt: receivedAt,
    });
    clock.at += 60_000;
    await normalizeBatch(deps, {
      Records: [messageOf(alertOf('{"n":99}', { receivedAt: '2025-10-14T09:17:06.000Z' }))],
    });
    expect(await pushStore.get('prisma-cloud-compute')).toMatchObject({
      lastPushAt: '2025-10-14T09:17:06.000Z',
      lastTestAt: receivedAt,
    });
  });

  it('counts what was not understood too - the source is connected, only its template is wrong', async () => {
    const { deps, pushStore } = intake(() => ({ ok: false, reason: 'no type' }));
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}', { channel: 'queue' }))] });
    expect(await pushStore.get('prisma-cloud-compute')).toMatchObject({ lastChannel: 'queue' });
  });

  it('is no poll, and nothing an unknown account sent - which keeps no trust either, should somebody replay it', async () => {
    const { deps, pushStore, quarantine } = intake();
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}', { channel: 'poll' }))] });
    const refused = alertOf('{"a":1}', { channel: 'queue', refused: 'the event came from account 999999999999' });
    await normalizeBatch(deps, { Records: [messageOf(refused)] });
    expect(pushStore.noted).toEqual([]);
    expect(await quarantine.list({ limit: 5 })).toMatchObject([
      { reason: 'the event came from account 999999999999', channel: 'webhook', sha256: sha256Hex('{"a":1}') },
    ]);
  });

  it('holds up no alert when it cannot be noted', async () => {
    const { deps, pushStore, incidents } = intake();
    pushStore.failNext('note', new Error('throttled'));
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect(await incidents.get(incidentId)).toBeDefined();
  });
});
