import { beforeAll, describe, expect, it } from 'vitest';
import type { Reservation, Spent } from '../../connectors/store/spending-port.ts';
import { NO_TOKENS } from '../../domain/models/spending.ts';
import { freshNamespace, type Stores } from './stores.ts';

const NO_LIMIT = { tokensPerIncident: Number.MAX_SAFE_INTEGER };

/** A day is any text to the store; one of its own keeps tests that share a store apart. */
const fresh = (change: Partial<Reservation> = {}): Reservation => ({
  day: `day-${freshNamespace()}`,
  incidentId: `inc-${freshNamespace()}`,
  tokens: 1_000,
  microUsd: 300,
  ...change,
});

const spent = (input: number, microUsd: number | undefined, change: Partial<Spent> = {}): Spent => ({
  profile: 'careful',
  tokens: { ...NO_TOKENS, input },
  microUsd,
  priceAsOf: '2026-11-01',
  ...change,
});

export function spendingBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  let spending: Stores['spending'];
  beforeAll(async () => {
    ({ spending } = await make());
  });

  describe(`${name}: what models may cost`, () => {
    it('is never more than the ceiling of the day, however many set something aside at once', async () => {
      const { day } = fresh();
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => spending.reserve(fresh({ day }), { ...NO_LIMIT, microUsdPerDay: 1_500 })),
      );
      expect(answers.filter((one) => one === 'reserved')).toHaveLength(5);
      expect(answers.filter((one) => one === 'day-money')).toHaveLength(7);
      expect(await spending.reserve(fresh({ day, microUsd: 1 }), { ...NO_LIMIT, microUsdPerDay: 1_500 })).toBe(
        'day-money',
      );
    });

    it('is never more tokens than the ceiling of the incident, however many set something aside at once', async () => {
      const { incidentId } = fresh();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => spending.reserve(fresh({ incidentId }), { tokensPerIncident: 3_999 })),
      );
      expect(answers.filter((one) => one === 'reserved')).toHaveLength(3);
      expect(answers.filter((one) => one === 'incident-tokens')).toHaveLength(5);
      expect(await spending.reserve(fresh({ incidentId, tokens: 999 }), { tokensPerIncident: 3_999 })).toBe('reserved');
    });

    it('is the ceiling itself and not a token less - and nothing is set aside by a call that alone would pass it', async () => {
      const want = fresh();
      expect(await spending.reserve(want, { tokensPerIncident: 999 })).toBe('incident-tokens');
      expect(await spending.reserve(want, { ...NO_LIMIT, microUsdPerDay: 299 })).toBe('day-money');
      expect(await spending.reserve(want, { tokensPerIncident: 1_000, microUsdPerDay: 300 })).toBe('reserved');
    });

    it('is not touched where the other limit refuses: both are set aside or none', async () => {
      const { day, incidentId } = fresh();
      const dear = fresh({ day, incidentId, microUsd: 301 });
      expect(await spending.reserve(dear, { ...NO_LIMIT, microUsdPerDay: 300 })).toBe('day-money');
      const long = fresh({ day, incidentId, tokens: 1_001 });
      expect(await spending.reserve(long, { tokensPerIncident: 1_000, microUsdPerDay: 300 })).toBe('incident-tokens');
      const exact = fresh({ day, incidentId });
      expect(await spending.reserve(exact, { tokensPerIncident: 1_000, microUsdPerDay: 300 })).toBe('reserved');
    });

    it('is what was spent once that is known: the rest of what was set aside is free again', async () => {
      const want = fresh();
      const limits = { tokensPerIncident: 1_000, microUsdPerDay: 300 };
      await spending.reserve(want, limits);
      expect(await spending.reserve({ ...want, tokens: 1, microUsd: 0 }, limits)).toBe('incident-tokens');
      await spending.settle(want, spent(400, 100));
      expect(await spending.reserve({ ...want, tokens: 601, microUsd: 200 }, limits)).toBe('incident-tokens');
      expect(await spending.reserve({ ...want, tokens: 600, microUsd: 201 }, limits)).toBe('day-money');
      expect(await spending.reserve({ ...want, tokens: 600, microUsd: 200 }, limits)).toBe('reserved');
    });

    it('counts what a call did cost beyond what was set aside, so that the next one is refused', async () => {
      const want = fresh();
      const limits = { tokensPerIncident: 1_100, microUsdPerDay: 1_000 };
      await spending.reserve(want, limits);
      await spending.settle(want, spent(1_200, 300));
      expect(await spending.reserve({ ...want, tokens: 1, microUsd: 0 }, limits)).toBe('incident-tokens');
    });

    it('begins anew with the day and not with the incident, and a call nobody settled stays counted on its own day', async () => {
      const crashed = fresh();
      const limits = { tokensPerIncident: 1_500, microUsdPerDay: 300 };
      expect(await spending.reserve(crashed, limits)).toBe('reserved');
      expect(await spending.reserve(fresh({ day: crashed.day }), limits)).toBe('day-money');
      const tomorrow = fresh({ incidentId: crashed.incidentId });
      expect(await spending.reserve(tomorrow, limits)).toBe('incident-tokens');
      expect(await spending.reserve({ ...tomorrow, tokens: 500 }, limits)).toBe('reserved');
    });

    it('is settled on the day it was set aside on, by profile, for the incident and for the day', async () => {
      const [one, other] = [fresh(), fresh()];
      const second = { ...other, day: one.day };
      for (const want of [one, one, second]) await spending.reserve(want, NO_LIMIT);
      await spending.settle(one, spent(10, 7, { tokens: { input: 10, output: 2, cacheRead: 3, cacheWrite: 4 } }));
      await spending.settle(one, spent(1, undefined, { profile: 'local', priceAsOf: undefined }));
      await spending.settle(second, spent(5, 3, { priceAsOf: '2026-11-20' }));
      const local = {
        profile: 'local',
        calls: 1,
        tokens: { ...NO_TOKENS, input: 1 },
        microUsd: 0,
        unpricedCalls: 1,
      };
      const careful = {
        profile: 'careful',
        calls: 1,
        tokens: { input: 10, output: 2, cacheRead: 3, cacheWrite: 4 },
        microUsd: 7,
        unpricedCalls: 0,
        priceAsOf: '2026-11-01',
      };
      expect(await spending.ofIncident(one.incidentId)).toEqual([careful, local]);
      expect(await spending.ofDay(one.day)).toEqual([
        { ...careful, calls: 2, tokens: { ...careful.tokens, input: 15 }, microUsd: 10, priceAsOf: '2026-11-20' },
        local,
      ]);
    });

    it('adds up when many are settled at once', async () => {
      const { day } = fresh();
      const wants = Array.from({ length: 10 }, () => fresh({ day }));
      for (const want of wants) await spending.reserve(want, NO_LIMIT);
      await Promise.all(wants.map((want) => spending.settle(want, spent(20, 5))));
      expect(await spending.ofDay(day)).toEqual([
        {
          profile: 'careful',
          calls: 10,
          tokens: { ...NO_TOKENS, input: 200 },
          microUsd: 50,
          unpricedCalls: 0,
          priceAsOf: '2026-11-01',
        },
      ]);
    });

    it('is nothing where nothing was spent', async () => {
      const { day, incidentId } = fresh();
      expect(await spending.ofDay(day)).toEqual([]);
      expect(await spending.ofIncident(incidentId)).toEqual([]);
    });
  });
}
