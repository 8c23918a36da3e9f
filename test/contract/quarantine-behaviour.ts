import { beforeAll, describe, expect, it } from 'vitest';
import { type BlobStore, NotFoundError, type QuarantineStore } from '../../connectors/store/ports.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { freshNamespace, type Stores } from './stores.ts';

export function quarantineAndBlobBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`${name}: quarantine`, () => {
    let quarantine: QuarantineStore;
    beforeAll(async () => {
      quarantine = (await make()).quarantine;
    });
    const draft = (body: string) => ({
      source: 'prisma-cloud-compute' as const,
      channel: 'webhook' as const,
      deliveryId: 'delivery-1',
      receivedAt: '2025-10-14T09:16:05.000Z',
      quarantinedAt: '2025-10-14T09:16:06.000Z',
      reason: 'the alert has no type',
      rawKey: `alerts/${sha256Hex(body)}.json`,
      sha256: sha256Hex(body),
      bytes: body.length,
    });

    it('holds the same body once however often it comes', async () => {
      const body = freshNamespace();
      const [first, second] = [
        await quarantine.hold(draft(body)),
        await quarantine.hold({ ...draft(body), deliveryId: 'delivery-2' }),
      ];
      expect(first).toEqual({ ...draft(body), quarantineId: first.quarantineId, status: 'held' });
      expect(second).toEqual(first);
      expect(await quarantine.get(first.quarantineId)).toEqual(first);
    });

    it('marks a replay, and holds the body again with its new reason when the replay was not understood either', async () => {
      const body = freshNamespace();
      const { quarantineId } = await quarantine.hold(draft(body));
      await quarantine.markReplayed(quarantineId, new Date('2025-10-14T10:00:00.000Z'));
      expect(await quarantine.get(quarantineId)).toMatchObject({
        status: 'replayed',
        replayedAt: '2025-10-14T10:00:00.000Z',
      });
      const again = { ...draft(body), reason: 'the alert has no host' };
      await quarantine.hold(again);
      expect(await quarantine.get(quarantineId)).toEqual({ ...again, quarantineId, status: 'held' });
    });

    it('lists what is held', async () => {
      const body = freshNamespace();
      const { quarantineId } = await quarantine.hold({ ...draft(body), quarantinedAt: new Date().toISOString() });
      const ids = (await quarantine.list({ limit: 200 })).map((record) => record.quarantineId);
      expect(ids).toContain(quarantineId);
    });

    it('knows nothing of an id that is not there', async () => {
      expect(await quarantine.get('qua-missing')).toBeUndefined();
      await expect(quarantine.markReplayed('qua-missing', new Date())).rejects.toBeInstanceOf(NotFoundError);
    });
  });

  describe(`${name}: blobs`, () => {
    let blobs: BlobStore;
    beforeAll(async () => {
      blobs = (await make()).blobs;
    });

    it('gives back what was put, with the digest and size of its UTF-8 bytes', async () => {
      const key = `alerts/${freshNamespace()}.json`;
      const body = '{"text":"größer als 1 byte \u2028"}';
      const stored = await blobs.put(key, body);
      expect(stored).toEqual({ key, sha256: sha256Hex(body), bytes: Buffer.byteLength(body) });
      expect(await blobs.get(key)).toBe(body);
    });

    it('names a missing object', async () => {
      await expect(blobs.get(`alerts/${freshNamespace()}.json`)).rejects.toBeInstanceOf(NotFoundError);
    });
  });
}
