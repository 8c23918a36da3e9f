import { describe, expect, it } from 'vitest';
import { replayEvent } from '../../cli/commands/quarantine.ts';
import { UNREADABLE } from '../../domain/intake/unreadable.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { sampleFinding } from '../../test/fakes/stores.ts';
import { alertOf, failedItem, incidentId, intake, messageOf, none, understood } from '../../test/intake/alert-queue.ts';
import { normalizeBatch } from './batch.ts';

describe('what normalize cannot make findings of', () => {
  it('quarantines what its mapper does not understand, with the reason, once', async () => {
    const { deps, quarantine, incidents, telemetry } = intake(() => ({ ok: false, reason: 'the alert has no type' }));
    const text = '{"unknown":true}';
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    const held = await quarantine.list({ limit: 10 });
    expect(held).toEqual([
      {
        quarantineId: held[0]?.quarantineId,
        source: 'prisma-cloud-compute',
        channel: 'webhook',
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
    const { deps, quarantine, telemetry } = intake(() => {
      throw new RangeError('Maximum call stack size exceeded');
    });
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect((await quarantine.list({ limit: 1 }))[0]?.reason).toContain('fault of Parapet');
    expect(telemetry.said.some(({ level, event }) => level === 'error' && event === 'mapper failed')).toBe(true);
  });

  it('quarantines a body that is not the one that was received', async () => {
    const { deps, quarantine, incidents } = intake();
    const forged = alertOf('{"a":1}', { sha256: sha256Hex('{"a":2}') });
    expect(await normalizeBatch(deps, { Records: [messageOf(forged)] })).toEqual(none);
    expect(await quarantine.list({ limit: 1 })).toMatchObject([
      { reason: expect.stringContaining('not the one that was received'), sha256: sha256Hex('{"a":1}') },
    ]);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
  });

  it('quarantines an alert whose body is gone, naming where it should be', async () => {
    const { deps, quarantine } = intake();
    const pointer = { key: 'alerts/gone.json', sha256: sha256Hex('gone'), bytes: 4 };
    const alert = alertOf('gone', { body: { in: 'store', pointer } });
    expect(await normalizeBatch(deps, { Records: [messageOf(alert)] })).toEqual(none);
    expect(await quarantine.list({ limit: 1 })).toMatchObject([{ rawKey: 'alerts/gone.json', bytes: 4 }]);
  });

  it('quarantines a body nested too deeply, whoever put it on the bus', async () => {
    const { deps, quarantine } = intake();
    const text = '['.repeat(10_000) + ']'.repeat(10_000);
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf(text))] })).toEqual(none);
    expect((await quarantine.list({ limit: 1 }))[0]?.reason).toBe('the body is nested too deeply');
  });

  it('quarantines what receive could not read with the reason it gave, without asking a mapper', async () => {
    const { deps, quarantine, blobs, incidents, pushStore } = intake();
    const text = '{"type": containerRuntime}';
    const alert = alertOf(text, { refused: UNREADABLE['not-json'] });
    expect(await normalizeBatch(deps, { Records: [messageOf(alert)] })).toEqual(none);
    const rawKey = `alerts/${sha256Hex(text)}.json`;
    expect(await quarantine.list({ limit: 2 })).toMatchObject([{ reason: 'the body is not JSON', rawKey }]);
    expect(await blobs.get(rawKey)).toBe(text);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
    expect(pushStore.noted).toEqual([]);
  });

  it('keeps bytes that are no text as base64 with the digest of what came, now and when they are replayed', async () => {
    const { deps, quarantine, blobs, incidents } = intake();
    const bytes = Buffer.from([0x7b, 0x00, 0xff, 0x7d]);
    const text = bytes.toString('base64');
    const came = { sha256: sha256Hex(bytes), bytes: 4, encoding: 'base64' } as const;
    await normalizeBatch(deps, { Records: [messageOf(alertOf(text, { ...came, refused: UNREADABLE['not-utf8'] }))] });
    const [held] = await quarantine.list({ limit: 2 });
    const reason = 'the body is not JSON: it is not text in UTF-8';
    expect(held).toMatchObject({ ...came, reason, rawKey: `alerts/${came.sha256}.base64`, status: 'held' });
    expect(await blobs.get(held?.rawKey ?? '')).toBe(text);
    if (!held) throw new Error('nothing is held');
    await quarantine.markReplayed(held.quarantineId, deps.now());
    await normalizeBatch(deps, { Records: [messageOf(replayEvent(held))] });
    expect(await quarantine.list({ limit: 2 })).toEqual([{ ...held, deliveryId: `replay-${held.deliveryId}` }]);
    expect(await incidents.list({ limit: 1 })).toEqual([]);
  });

  it('makes a finding of a replayed body that was only sent with the wrong Content-Type', async () => {
    const { deps, quarantine, incidents } = intake();
    await normalizeBatch(deps, { Records: [messageOf(alertOf('{}', { refused: UNREADABLE['not-json-type'] }))] });
    const [held] = await quarantine.list({ limit: 2 });
    if (!held) throw new Error('nothing is held');
    expect(await incidents.list({ limit: 1 })).toEqual([]);
    await normalizeBatch(deps, { Records: [messageOf(replayEvent(held))] });
    expect(await incidents.get(incidentId)).toBeDefined();
  });

  it('holds the body of an event that is not as agreed', async () => {
    const { deps, quarantine, blobs } = intake();
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
    const { deps, incidents, telemetry } = intake();
    const good = messageOf(alertOf('{}'), { id: 'good' });
    expect(await normalizeBatch(deps, { Records: [poison, good] })).toEqual(failedItem('m-1'));
    expect(await incidents.get(incidentId)).toBeDefined();
    expect(telemetry.counted('MessageFailed')).toBe(1);
  });

  it('stores a finding that is too large without its copies, so that a flooded alert is still investigated', async () => {
    const flooded = sampleFinding({ unmapped: { commandLine: 'x'.repeat(500_000) } });
    const { deps, incidents, quarantine } = intake(() => understood(flooded));
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    const [stored] = await incidents.findings(incidentId);
    expect(stored?.finding.unmapped).toEqual({ left_out: expect.any(String) });
    expect(stored?.severity).toBe('high');
    expect(await quarantine.list({ limit: 1 })).toEqual([]);
  });

  it('holds the alert when one finding cannot be stored at all, and the other findings go their way', async () => {
    const base = sampleFinding({ event: 'huge' });
    const huge = { ...base, finding: { ...base.finding, message: 'x'.repeat(500_000) } };
    const { deps, incidents, quarantine } = intake(() => understood(huge, sampleFinding({ event: 'small' })));
    expect(await normalizeBatch(deps, { Records: [messageOf(alertOf('{}'))] })).toEqual(none);
    expect(await incidents.get(incidentId)).toMatchObject({ findingCount: 1 });
    expect((await quarantine.list({ limit: 1 }))[0]?.reason).toBe('finding 1 of 2 too large to store');
  });
});
