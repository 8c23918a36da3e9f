import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  APART_MS,
  type Baseline,
  baselineSchema,
  compare,
  isNews,
  learn,
  MOST_COUNTED,
  MOST_KEPT,
} from './baseline.ts';
import { DIMENSIONS, type Observation } from './observe.ts';

const DAY = 24 * 3_600_000;
const start = Date.parse('2026-11-01T00:00:00Z');
const java: Observation = { dimension: 'process', value: '/usr/bin/java' };
const miner: Observation = { dimension: 'process', value: '/tmp/.x/xmrig' };
const point = (at: number) => ({ first: at, last: at });
const learnAll = (events: readonly { seen: readonly Observation[]; at: number }[]) =>
  events.reduce<Baseline | undefined>((known, { seen, at }) => learn(known, seen, point(at)), undefined);

const event = (values: number) =>
  fc.record({
    seen: fc.array(
      fc.record({
        dimension: fc.constantFrom(...DIMENSIONS),
        value: fc.integer({ min: 0, max: values }).map((number) => `v${number}`),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    at: fc.integer({ min: start, max: start + 90 * DAY }),
  });
const inTwoOrders = (values: number) =>
  fc
    .array(event(values), { minLength: 1, maxLength: 60 })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })));

describe('what a baseline learns', () => {
  it('does not depend on the order of findings - a queue has none', () => {
    fc.assert(
      fc.property(inTwoOrders(8), ([one, other]) => {
        expect(learnAll(other)).toEqual(learnAll(one));
      }),
    );
  });

  it('keeps the same values, last sights and certainty in any order, also when there is no room for all', () => {
    const essence = (baseline: Baseline | undefined) =>
      DIMENSIONS.map((dimension) => {
        const habit = baseline?.habits[dimension];
        return {
          entries: habit?.entries.map(({ value, last }) => ({ value, last })),
          forgottenUntil: habit?.forgottenUntil,
        };
      });
    const values = fc.array(fc.tuple(fc.integer({ min: 0, max: MOST_KEPT * 2 }), fc.integer({ min: 0, max: 500 })), {
      minLength: MOST_KEPT,
      maxLength: 150,
    });
    const events = (pairs: readonly (readonly [number, number])[]) =>
      pairs.map(([value, at]) => ({ seen: [{ dimension: 'process', value: `v${value}` } as const], at: start + at }));
    fc.assert(
      fc.property(
        values.chain((pairs) => fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length }))),
        ([one, other]) => {
          expect(essence(learnAll(events(other)))).toEqual(essence(learnAll(events(one))));
        },
      ),
    );
  });

  it('has a bounded size whatever comes - an attacker chooses the names of processes', () => {
    fc.assert(
      fc.property(fc.array(event(10_000), { maxLength: 200 }), (events) => {
        const baseline = learnAll(events);
        if (baseline === undefined) return;
        for (const dimension of DIMENSIONS) {
          expect(baseline.habits[dimension].entries.length).toBeLessThanOrEqual(MOST_KEPT);
        }
        expect(baselineSchema.parse(JSON.parse(JSON.stringify(baseline)))).toEqual(baseline);
      }),
    );
  });

  it('counts up to a limit and no further', () => {
    const many = Array.from({ length: MOST_COUNTED + 5 }, (_, index) => ({ seen: [java], at: start + index }));
    expect(learnAll(many)?.habits.process.entries).toEqual([
      { value: java.value, first: start, last: start + MOST_COUNTED + 4, count: MOST_COUNTED },
    ]);
  });

  it('finds no news in a flood of the same - it need not be written', () => {
    const baseline = learn(undefined, [java], point(start));
    expect(isNews(undefined, [java], start)).toBe(true);
    expect(isNews(undefined, [], start)).toBe(false);
    expect(isNews(baseline, [java], start + APART_MS - 1)).toBe(false);
    expect(isNews(baseline, [java], start + APART_MS)).toBe(true);
    expect(isNews(baseline, [java, miner], start)).toBe(true);
  });
});

describe('what a baseline says', () => {
  const opened = start + 12 * DAY;

  it('knows what was seen before the incident, and since when', () => {
    const baseline = learn(undefined, [java], point(start));
    expect(compare(baseline, java, opened)).toEqual({ neverSeenBefore: false, firstSeen: start, knownSince: start });
    expect(compare(baseline, miner, opened)).toEqual({ neverSeenBefore: true, knownSince: start });
  });

  it("does not take the incident's own findings for the past - else the second alert would excuse the first", () => {
    const baseline = learn(learn(undefined, [java], point(start)), [miner], point(opened));
    expect(compare(baseline, miner, opened)).toEqual({ neverSeenBefore: true, knownSince: start });
  });

  it('says nothing when nothing was learned before', () => {
    expect(compare(undefined, miner, opened)).toBeUndefined();
    expect(compare(learn(undefined, [miner], point(opened)), miner, opened)).toBeUndefined();
  });

  it('claims only the time it knows completely when something was forgotten for room', () => {
    const crowd = Array.from({ length: MOST_KEPT + 1 }, (_, index) => ({
      seen: [{ dimension: 'process', value: `p${index}` } as const],
      at: start + index * 3_600_000,
    }));
    const baseline = learnAll(crowd);
    expect(compare(baseline, { dimension: 'process', value: 'p0' }, opened)).toEqual({
      neverSeenBefore: true,
      knownSince: start,
    });
    expect(compare(learn(baseline, [java], point(start + 2 * DAY)), miner, opened)).toEqual({
      neverSeenBefore: true,
      knownSince: start + 3_600_000,
    });
  });

  it('never claims a value new that was seen within the time it claims to know', () => {
    fc.assert(
      fc.property(
        fc.array(event(60), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 0, max: 60 }),
        (events, number) => {
          const before = start + 91 * DAY;
          const asked: Observation = { dimension: 'process', value: `v${number}` };
          const said = compare(learnAll(events), asked, before);
          if (!said?.neverSeenBefore) return;
          const sights = events.filter(({ seen }) =>
            seen.some(({ dimension, value }) => dimension === asked.dimension && value === asked.value),
          );
          expect(sights.every(({ at }) => at <= said.knownSince)).toBe(true);
        },
      ),
    );
  });
});
