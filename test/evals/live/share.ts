import { wilson } from '../scorers/sets.ts';

/** A share of incidents, with the interval it lies in with 95 % confidence. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Incidents, and answers about them. */
  readonly cases: number;
  readonly answers: number;
}

/**
 * Repeats of one incident are not independent of each other: each incident counts once, with the mean of its repeats, or ten
 * repeats would make an interval narrow that knows no more incidents than one.
 */
export function shareOf(all: readonly { readonly id: string; readonly hit: boolean }[]): Share {
  const byCase = new Map<string, boolean[]>();
  for (const { id, hit } of all) byCase.set(id, [...(byCase.get(id) ?? []), hit]);
  const means = [...byCase.values()].map((hits) => hits.filter(Boolean).length / hits.length);
  const sum = means.reduce((total, one) => total + one, 0);
  const [low, high] = wilson(sum, means.length);
  return { share: means.length === 0 ? 0 : sum / means.length, low, high, cases: means.length, answers: all.length };
}

/** The value below which the part `at` of all lies; 0 of none. */
export function quantile(all: readonly number[], at: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0;
}
