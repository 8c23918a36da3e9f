import { beforeAll, describe, expect, it } from 'vitest';
import type { Severity } from '../../domain/severity.ts';
import { sampleFinding, sampleWorkload } from '../fakes/findings.ts';
import { freshNamespace, type Stores } from './stores.ts';

const start = Date.parse('2025-10-14T09:16:05.000Z');

export function intakeBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`${name}: last pushes`, () => {
    let pushes: Stores['pushes'];
    beforeAll(async () => {
      pushes = (await make()).pushes;
    });

    it('are unknown until something came', async () => {
      expect(await pushes.get('generic')).toBeUndefined();
    });

    it('keep the last alert and the last test of the vendor apart', async () => {
      await pushes.note('wiz', { at: '2025-10-14T09:00:00.000Z', channel: 'webhook', test: true });
      await pushes.note('wiz', { at: '2025-10-14T09:30:00.000Z', channel: 'queue', test: false });
      expect(await pushes.get('wiz')).toEqual({
        source: 'wiz',
        lastPushAt: '2025-10-14T09:30:00.000Z',
        lastChannel: 'queue',
        lastTestAt: '2025-10-14T09:00:00.000Z',
      });
      await pushes.note('falco', { at: '2025-10-14T09:30:00.000Z', channel: 'webhook', test: false });
      expect(await pushes.get('falco')).not.toHaveProperty('lastTestAt');
    });
  });

  describe(`${name}: the waiting line`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    const attach = (namespace: string, severity: Severity, event = 'a', seconds = 0) => {
      const now = new Date(start + seconds * 1000);
      const finding = sampleFinding({ event: `${namespace}-${event}`, severity, workload: sampleWorkload(namespace) });
      return stores.incidents.attach(finding, {
        receivedAt: now.toISOString(),
        now,
        windowMinutes: 60,
        rawKey: 'alerts/sample.json',
      });
    };

    it('counts the incidents of a minute over all who ask', async () => {
      const minute = (second: number) => new Date(Date.parse('2025-10-14T10:00:00.000Z') + second * 1000);
      const counts = await Promise.all([0, 1, 59].map((second) => stores.line.countInMinute(minute(second))));
      expect([...counts].sort()).toEqual([1, 2, 3]);
      expect(await stores.line.countInMinute(minute(60))).toBe(1);
    });

    it('puts the most severe first, among equals the oldest, and lets each leave once', async () => {
      const opened = [
        await attach(freshNamespace(), 'low', 'a', 1),
        await attach(freshNamespace(), 'medium', 'a', 3),
        await attach(freshNamespace(), 'medium', 'a', 2),
      ].map(({ event }) => event);
      for (const event of opened) await stores.line.wait(event);
      for (const event of opened) await stores.line.wait(event);
      const [low, younger, older] = opened;
      expect(await stores.line.next(10)).toEqual([older, younger, low]);
      expect(await stores.line.next(1)).toEqual([older]);
      for (const event of [...opened, ...opened]) await stores.line.leave(event);
      expect(await stores.line.next(10)).toEqual([]);
    });

    it('is told to whoever attaches a finding to an incident that waits', async () => {
      const namespace = freshNamespace();
      const { event } = await attach(namespace, 'low');
      expect(await attach(namespace, 'low', 'b')).toMatchObject({ kind: 'attached', waiting: false });
      await stores.line.wait(event);
      expect(await attach(namespace, 'low', 'c')).toMatchObject({ kind: 'attached', waiting: true, announced: false });
      expect(await attach(namespace, 'low', 'c')).toMatchObject({ kind: 'duplicate', waiting: true });
      await stores.line.leave(event);
    });
  });

  describe(`${name}: what a finding refers to`, () => {
    it('is there before anything new is written, and not written again for a duplicate', async () => {
      const { incidents } = await make();
      const namespace = freshNamespace();
      const finding = sampleFinding({ event: namespace, workload: sampleWorkload(namespace) });
      const calls: string[] = [];
      const attach = (fail: boolean) =>
        incidents.attach(finding, {
          receivedAt: new Date(start).toISOString(),
          now: new Date(start),
          windowMinutes: 60,
          rawKey: 'alerts/sample.json',
          beforeWrite: async () => {
            calls.push(fail ? 'failed' : 'kept');
            if (fail) throw new Error('SlowDown');
          },
        });
      await expect(attach(true)).rejects.toThrow('SlowDown');
      expect((await attach(false)).kind).toBe('opened');
      expect((await attach(false)).kind).toBe('duplicate');
      expect(calls).toEqual(['failed', 'kept']);
    });
  });
}
