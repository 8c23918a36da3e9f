import type { ProfileSpending, SpendingStore } from '../../connectors/store/spending-port.ts';
import { NO_TOKENS, tokensOf } from '../../domain/models/spending.ts';
import { type Failing, failing } from './failures.ts';

export type MemorySpendingStore = SpendingStore &
  Failing<keyof SpendingStore> & {
    /** What limits are compared with: settled, and set aside. */
    readonly totals: { readonly tokens: Map<string, number>; readonly microUsd: Map<string, number> };
  };

export function memorySpendingStore(): MemorySpendingStore {
  const tokens = new Map<string, number>();
  const microUsd = new Map<string, number>();
  const profiles = new Map<string, Map<string, ProfileSpending>>();
  const more = (map: Map<string, number>, key: string, by: number) => map.set(key, (map.get(key) ?? 0) + by);
  return failing({
    totals: { tokens, microUsd },
    async reserve(want, limits) {
      if ((tokens.get(want.incidentId) ?? 0) + want.tokens > limits.tokensPerIncident) return 'incident-tokens';
      if (limits.microUsdPerDay !== undefined && (microUsd.get(want.day) ?? 0) + want.microUsd > limits.microUsdPerDay)
        return 'day-money';
      more(tokens, want.incidentId, want.tokens);
      more(microUsd, want.day, want.microUsd);
      return 'reserved';
    },
    async settle(reserved, spent) {
      more(tokens, reserved.incidentId, tokensOf(spent.tokens) - reserved.tokens);
      more(microUsd, reserved.day, (spent.microUsd ?? 0) - reserved.microUsd);
      for (const key of [reserved.incidentId, reserved.day]) {
        const of = profiles.get(key) ?? new Map<string, ProfileSpending>();
        const before = of.get(spent.profile) ?? {
          profile: spent.profile,
          calls: 0,
          tokens: NO_TOKENS,
          microUsd: 0,
          unpricedCalls: 0,
        };
        of.set(spent.profile, {
          profile: spent.profile,
          calls: before.calls + 1,
          tokens: {
            input: before.tokens.input + spent.tokens.input,
            output: before.tokens.output + spent.tokens.output,
            cacheRead: before.tokens.cacheRead + spent.tokens.cacheRead,
            cacheWrite: before.tokens.cacheWrite + spent.tokens.cacheWrite,
          },
          microUsd: before.microUsd + (spent.microUsd ?? 0),
          unpricedCalls: before.unpricedCalls + (spent.microUsd === undefined ? 1 : 0),
          ...((spent.priceAsOf ?? before.priceAsOf) === undefined
            ? {}
            : { priceAsOf: spent.priceAsOf ?? before.priceAsOf }),
        });
        profiles.set(key, of);
      }
    },
    async ofIncident(incidentId) {
      return sorted(profiles.get(incidentId));
    },
    async ofDay(day) {
      return sorted(profiles.get(day));
    },
  } satisfies SpendingStore & { totals: MemorySpendingStore['totals'] });
}

function sorted(of: ReadonlyMap<string, ProfileSpending> = new Map()): ProfileSpending[] {
  return [...of.values()].sort((a, b) => (a.profile < b.profile ? -1 : 1));
}
