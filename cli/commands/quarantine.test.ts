import { describe, expect, it } from 'vitest';
import { alertReceivedSchema } from '../../domain/events.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { desk, NOW } from '../../test/desk/desk.ts';
import { busDown } from '../../test/fakes/bus.ts';

async function withHeld() {
  const one = await desk();
  const { key, sha256, bytes } = await one.stores.blobs.put('raw/x', '{"hello":"there"}');
  const record = await one.quarantine.hold({
    source: 'prisma-cloud-compute',
    channel: 'webhook',
    deliveryId: 'dlv-1',
    receivedAt: '2025-10-14T09:17:10.000Z',
    quarantinedAt: '2025-10-14T09:17:11.000Z',
    reason: 'the body has no type',
    rawKey: key,
    sha256,
    bytes,
  });
  return { one, id: record.quarantineId };
}

describe('quarantine', () => {
  it('lists what was not understood with the reason', async () => {
    const { one, id } = await withHeld();
    expect(await one.type('quarantine', 'list')).toBe(0);
    expect(one.out[1]).toContain(id);
    expect(one.out[1]).toContain('the body has no type');
  });

  it('shows the body as it came', async () => {
    const { one, id } = await withHeld();
    expect(await one.type('quarantine', 'show', id)).toBe(0);
    expect(one.out.at(-1)).toBe('{"hello":"there"}');
  });

  it('replays the alert as receive announced it, by pointer, and marks it', async () => {
    const { one, id } = await withHeld();
    expect(await one.type('quarantine', 'replay', id)).toBe(0);
    const held = await one.quarantine.get(id);
    expect(held).toMatchObject({ status: 'replayed', replayedAt: NOW.toISOString() });
    expect(one.bus.published).toEqual([
      {
        detailType: 'Alert Received',
        detail: {
          deliveryId: 'replay-dlv-1',
          source: 'prisma-cloud-compute',
          channel: 'webhook',
          receivedAt: '2025-10-14T09:17:10.000Z',
          sha256: held?.sha256,
          bytes: held?.bytes,
          body: { in: 'store', pointer: { key: 'raw/x', sha256: held?.sha256, bytes: held?.bytes } },
        },
      },
    ]);
    expect(alertReceivedSchema.safeParse(one.bus.published[0]?.detail).success).toBe(true);
  });

  it('shows and replays bytes that are no text as what they are: base64 with the digest of what came', async () => {
    const one = await desk();
    const bytes = Buffer.from([0x00, 0xff]);
    const came = { sha256: sha256Hex(bytes), bytes: 2, encoding: 'base64' as const };
    const { key } = await one.stores.blobs.put(`alerts/${came.sha256}.base64`, bytes.toString('base64'));
    const { quarantineId } = await one.quarantine.hold({
      source: 'wiz',
      channel: 'webhook',
      deliveryId: 'dlv-2',
      receivedAt: '2025-10-14T09:17:10.000Z',
      quarantinedAt: '2025-10-14T09:17:11.000Z',
      reason: 'the body is not JSON: it is not text in UTF-8',
      rawKey: key,
      ...came,
    });
    expect(await one.type('quarantine', 'show', quarantineId)).toBe(0);
    expect(one.out).toContain('encoding: base64');
    expect(one.out.at(-1)).toBe('AP8=');
    expect(await one.type('quarantine', 'replay', quarantineId)).toBe(0);
    const { sha256, bytes: size, encoding } = came;
    expect(one.bus.published).toMatchObject([
      { detail: { sha256, bytes: size, encoding, body: { in: 'store', pointer: { key, sha256, bytes: size } } } },
    ]);
  });

  it('says no and publishes nothing when the body is gone, because the consumer would only quarantine it again', async () => {
    const { one } = await withHeld();
    const { quarantineId } = await one.quarantine.hold({
      source: 'prisma-cloud-compute',
      channel: 'webhook',
      deliveryId: 'dlv-2',
      receivedAt: '2025-10-14T09:17:10.000Z',
      quarantinedAt: '2025-10-14T09:17:11.000Z',
      reason: 'x',
      rawKey: 'raw/gone',
      sha256: '0'.repeat(64),
      bytes: 1,
    });
    expect(await one.type('quarantine', 'replay', quarantineId)).toBe(1);
    expect(one.bus.published).toEqual([]);
    expect(await one.quarantine.get(quarantineId)).toMatchObject({ status: 'held' });
  });

  it('can be replayed again after the bus refused it, because the record stays', async () => {
    const { one, id } = await withHeld();
    one.bus.failNext('publish', busDown);
    expect(await one.type('quarantine', 'replay', id)).toBe(2);
    expect(await one.type('quarantine', 'replay', id)).toBe(0);
    expect(one.bus.published).toHaveLength(1);
  });

  it('answers no for an id that does not exist', async () => {
    const one = await desk();
    expect(await one.type('quarantine', 'show', 'qua-none')).toBe(1);
    expect(await one.type('quarantine', 'replay', 'qua-none')).toBe(1);
  });
});
