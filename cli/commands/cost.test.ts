import { describe, expect, it } from 'vitest';
import { desk, NOW } from '../../test/desk/desk.ts';
import { memorySpendingStore } from '../../test/fakes/spending-store.ts';

async function deskWithSpending() {
  const spending = memorySpendingStore();
  const spend = async (day: string, profile: string, microUsd: number | undefined, incidentId = 'inc-1') => {
    const reserved = { day, incidentId, tokens: 0, microUsd: 0 };
    const tokens = { input: 1_000, output: 100, cacheRead: 10, cacheWrite: 0 };
    await spending.settle(reserved, {
      profile,
      tokens,
      microUsd,
      priceAsOf: microUsd === undefined ? undefined : '2025-07-02',
    });
  };
  return { one: await desk({ connection: { spending } }), spend };
}

describe('cost', () => {
  it('adds up the days asked for, by profile, and says that it is an estimate and of which price', async () => {
    const { one, spend } = await deskWithSpending();
    const today = NOW.toISOString().slice(0, 10);
    await spend(today, 'analysis', 4_500);
    await spend('2025-10-12', 'analysis', 5_500);
    await spend('2025-10-12', 'small', 100);
    await spend('2025-09-01', 'analysis', 1_000_000);
    expect(await one.type('cost', '--since', '7d', '--json')).toBe(0);
    expect(one.json()).toMatchObject({
      of: { days: expect.arrayContaining([today, '2025-10-08']) },
      profiles: [
        { profile: 'analysis', calls: 2, microUsd: 10_000, priceAsOf: '2025-07-02' },
        { profile: 'small', calls: 1, microUsd: 100 },
      ],
      total: { calls: 3, tokens: 3_330, usd: 0.0101 },
      unpricedCalls: 0,
      estimate: true,
    });
    one.out.length = 0;
    expect(await one.type('cost')).toBe(0);
    expect(one.out.join('\n')).toMatch(/USD 0\.0101\. An estimate/);
    expect(one.out.join('\n')).toContain('2025-07-02');
  });

  it('never counts a call without a price as free', async () => {
    const { one, spend } = await deskWithSpending();
    await spend(NOW.toISOString().slice(0, 10), 'local', undefined);
    expect(await one.type('cost')).toBe(0);
    expect(one.out.join('\n')).toMatch(/local .*unknown/);
    expect(one.out.join('\n')).toContain('1 calls are not in the money');
  });

  it('tells one incident', async () => {
    const { one, spend } = await deskWithSpending();
    await spend('2025-10-12', 'analysis', 1, 'inc-1');
    await spend('2025-10-12', 'analysis', 7, 'inc-2');
    expect(await one.type('cost', 'inc-2', '--json')).toBe(0);
    expect(one.json()).toMatchObject({ of: { incidentId: 'inc-2' }, total: { calls: 1, usd: 0.000007 } });
  });

  it('says that no model was asked, and refuses a period that is none', async () => {
    const { one } = await deskWithSpending();
    expect(await one.type('cost')).toBe(0);
    expect(one.out.join('\n')).toContain('No model was asked');
    expect(await one.type('cost', '--since', 'yesterday')).toBe(2);
  });
});
