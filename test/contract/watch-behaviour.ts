import { beforeAll, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { type Watch, watchesOf } from '../../domain/watch/watch.ts';
import { freshNamespace, type Stores } from './stores.ts';

/** Far from the times of others: the line is one for all, and tests share it. */
const SINCE = '2020-03-01T00:00:00.000Z';
const at = (seconds: number): Date => new Date(Date.parse(SINCE) + seconds * 1000);

export function watchBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let stores: Stores;
  beforeAll(async () => {
    stores = await make();
  });

  describe(`${name}: watches`, () => {
    const planned = async (afterSeconds: readonly number[], actionId = 'A1'): Promise<readonly Watch[]> => {
      const incidentId = `inc-${freshNamespace()}`;
      const of = { incidentId, actionId, action: 'kubernetes.quarantine-pod', planKey: 'plan-v1.json' } as const;
      const watches = watchesOf(of, SINCE, afterSeconds);
      for (const watch of watches) await stores.watches.plan(watch);
      return watches;
    };
    const dueOf = async ([first]: readonly Watch[], seconds: number) =>
      (await stores.watches.due(at(seconds), 1000)).filter(({ incidentId }) => incidentId === first?.incidentId);

    it('are due when their time has come and not a moment before, the longest due first', async () => {
      const watches = await planned([60, 30, 90]);
      const [minute, half, later] = watches;
      expect(await dueOf(watches, 29.999)).toEqual([]);
      expect(await dueOf(watches, 30)).toEqual([half]);
      expect(await dueOf(watches, 60)).toEqual([half, minute]);
      expect(await dueOf(watches, 3600)).toEqual([half, minute, later]);
      for (const watch of watches) await stores.watches.leave(watch);
    });

    it('stay as they were planned when they are planned again - a repeated verification moves nothing', async () => {
      const watches = await planned([10]);
      const [watch] = watches;
      if (!watch) throw new Error('one was planned');
      await stores.watches.plan({ ...watch, dueAt: at(500).toISOString() });
      expect(await stores.watches.ofIncident(watch.incidentId)).toEqual([watch]);
      expect(await dueOf(watches, 10)).toEqual([watch]);
      expect(await dueOf(watches, 600)).toEqual([watch]);
      await stores.watches.leave(watch);
    });

    it('remember what was seen first, and stand in the line until they leave it', async () => {
      const watches = await planned([10]);
      const [watch] = watches;
      if (!watch) throw new Error('one was planned');
      const seen = { result: 'failed', at: at(11).toISOString(), detail: 'label: gone' } as const;
      await stores.watches.record(watch, seen);
      await stores.watches.record(watch, { ...seen, result: 'contained' });
      expect(await dueOf(watches, 10)).toEqual([{ ...watch, seen }]);
      for (const _ of [1, 2]) await stores.watches.leave(watch);
      expect(await dueOf(watches, 10)).toEqual([]);
      expect(await stores.watches.ofIncident(watch.incidentId)).toEqual([{ ...watch, seen }]);
    });

    it('of an incident come by action and time, and of others none', async () => {
      const watches = await planned([900, 3600, 86_400]);
      expect(await stores.watches.ofIncident(watches[0]?.incidentId ?? '')).toEqual(watches);
      expect(await stores.watches.ofIncident('inc-nobody')).toEqual([]);
      for (const watch of watches) await stores.watches.leave(watch);
    });

    it('that were never planned cannot be recorded, because a record without its look would be read as one', async () => {
      const seen = { result: 'contained', at: at(0).toISOString(), detail: '' } as const;
      const unknown = { incidentId: `inc-${freshNamespace()}`, actionId: 'A1', watch: '15m' };
      await expect(stores.watches.record(unknown, seen)).rejects.toBeInstanceOf(NotFoundError);
    });
  });
}
