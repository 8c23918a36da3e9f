import * as z from 'zod';
import type { Dimension, Observation } from './observe.ts';

const time = z.number().int().nonnegative();
const entrySchema = z.object({
  value: z.string(),
  first: time,
  last: time,
  /** How often; ends at `MOST_COUNTED`, because beyond it more says nothing. */
  count: z.number().int().positive(),
});
const habitSchema = z.object({
  entries: z.array(entrySchema),
  /** Latest sight of anything that was dropped for room: what was seen after it is known completely. */
  forgottenUntil: time.optional(),
});

/** What is known of a workload's habits. Times are epoch milliseconds of learning, never of a sender's clock. */
export const baselineSchema = z.lazy(() =>
  z.object({
    since: time,
    habits: z.object({
      process: habitSchema,
      network: habitSchema,
      domain: habitSchema,
      'file-area': habitSchema,
      user: habitSchema,
    }),
  }),
);
export type Baseline = z.infer<typeof baselineSchema>;
type Habit = z.infer<typeof habitSchema>;
type Entry = z.infer<typeof entrySchema>;

/** Of one dimension; those seen last are kept. Five of them make an item of some 10 KB, which a write pays for. */
export const MOST_KEPT = 24;
export const MOST_COUNTED = 1000;
/** Sights closer together than this are one: a flood of equal alerts is no habit, and need not be written. */
export const APART_MS = 10 * 60_000;

const EMPTY: Habit = { entries: [] };

/** A period in which something was seen: a point for a finding, from-to for a profile a vendor learned. */
export interface Period {
  readonly first: number;
  readonly last: number;
}

/**
 * The baseline with what was seen. Which values are kept, when they were last seen and since when all is known do not
 * depend on the order of learning; below the limit nothing does.
 */
export function learn(baseline: Baseline | undefined, seen: readonly Observation[], { first, last }: Period): Baseline {
  const known = baseline ?? { since: last, habits: empty() };
  const of = (dimension: Dimension): Habit =>
    learnHabit(
      known.habits[dimension],
      seen.flatMap((one) => (one.dimension === dimension ? [one.value] : [])),
      { first, last },
    );
  return {
    // A profile says what was seen, not that all was seen: it makes nobody sure of an earlier time.
    since: Math.min(known.since, last),
    habits: {
      process: of('process'),
      network: of('network'),
      domain: of('domain'),
      'file-area': of('file-area'),
      user: of('user'),
    },
  };
}

function empty(): Baseline['habits'] {
  return { process: EMPTY, network: EMPTY, domain: EMPTY, 'file-area': EMPTY, user: EMPTY };
}

function learnHabit(habit: Habit, values: readonly string[], { first, last }: Period): Habit {
  if (values.length === 0) return habit;
  const entries = new Map(habit.entries.map((entry) => [entry.value, entry]));
  for (const value of new Set(values)) {
    const entry = entries.get(value);
    entries.set(
      value,
      entry === undefined
        ? { value, first, last, count: 1 }
        : {
            value,
            first: Math.min(entry.first, first),
            last: Math.max(entry.last, last),
            count: Math.min(MOST_COUNTED, entry.count + 1),
          },
    );
  }
  const sorted = [...entries.values()].sort(latestFirst);
  const dropped = sorted.slice(MOST_KEPT).map((entry) => entry.last);
  const forgotten = [...dropped, ...(habit.forgottenUntil === undefined ? [] : [habit.forgottenUntil])];
  return {
    entries: sorted.slice(0, MOST_KEPT),
    ...(forgotten.length === 0 ? {} : { forgottenUntil: Math.max(...forgotten) }),
  };
}

function latestFirst(a: Entry, b: Entry): number {
  if (a.last !== b.last) return b.last - a.last;
  return a.value < b.value ? -1 : 1;
}

/** Whether learning this would say more than is known: something new, or known and not seen for a while. */
export function isNews(baseline: Baseline | undefined, seen: readonly Observation[], at: number): boolean {
  if (baseline === undefined) return seen.length > 0;
  return seen.some(({ dimension, value }) => {
    const entry = baseline.habits[dimension].entries.find((one) => one.value === value);
    return entry === undefined || at - entry.last >= APART_MS;
  });
}

/** One value compared with what was seen before a moment. */
export interface Comparison {
  readonly neverSeenBefore: boolean;
  readonly firstSeen?: number;
  /** Since when everything of this dimension is known. */
  readonly knownSince: number;
}

/**
 * What the baseline says of a value, looking only at what was learned before `before` (the opening of the incident that
 * asks: its own findings must not speak for themselves). Undefined when nothing was learned before that.
 */
export function compare(baseline: Baseline | undefined, seen: Observation, before: number): Comparison | undefined {
  if (baseline === undefined || baseline.since >= before) return undefined;
  const { entries, forgottenUntil } = baseline.habits[seen.dimension];
  const knownSince = Math.min(Math.max(baseline.since, forgottenUntil ?? 0), before);
  const entry = entries.find(({ value }) => value === seen.value);
  return entry !== undefined && entry.first < before
    ? { neverSeenBefore: false, firstSeen: entry.first, knownSince }
    : { neverSeenBefore: true, knownSince };
}
