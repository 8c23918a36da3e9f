import { cleanText } from '../evidence/clean.ts';
import type { Incident } from '../incident/incident.ts';
import { SEVERITIES } from '../severity.ts';
import { workloadLabel } from '../workload.ts';
import type { Audience, Briefing, Figure } from './figures.ts';

/** What happened in a period, as the stores have it. */
export interface Counted {
  /** Opened in the period. */
  readonly incidents: readonly Incident[];
  /** What became of each action that was proposed or executed: its name and its end, in a word each. */
  readonly actions: readonly { readonly action: string; readonly ended: string }[];
  /** Absent: nothing suppresses alerts, or nobody counted. */
  readonly suppressed?: number | undefined;
  readonly models: {
    readonly calls: number;
    readonly tokens: number;
    readonly microUsd: number;
    readonly unpricedCalls: number;
  };
}

type Draft = Omit<Figure, 'id' | 'before'>;
const MOST_WORKLOADS = 5;
const NAME = 120;

/**
 * The figures of a period, with those of the period before. They are counted here and nowhere else: who narrates them, rules or a
 * model, gets them as they are. What did not happen in a period is 0 where it can be counted, and unknown where it cannot.
 */
export function briefingOf(
  audience: Audience,
  period: Briefing['period'],
  now: Counted,
  before: Counted | undefined,
): Briefing {
  const earlier = before === undefined ? [] : draftsOf(audience, before);
  const drafts = draftsOf(audience, now);
  return {
    audience,
    period,
    figures: drafts.map((draft, index) => {
      const same = earlier.find(({ measure, of }) => measure === draft.measure && of === draft.of);
      return { id: `E${index + 1}`, ...draft, ...(same === undefined ? {} : { before: same.value }) };
    }),
    unknown: unknownOf(now, drafts),
  };
}

function draftsOf(audience: Audience, counted: Counted): Draft[] {
  const { incidents, models } = counted;
  const duplicates = sum(incidents.map((one) => one.duplicateCount));
  const alerts = duplicates + sum(incidents.map((one) => one.findingCount)) + (counted.suppressed ?? 0);
  const count = (measure: Figure['measure'], value: number, of?: string): Draft => ({
    measure,
    unit: 'count',
    value,
    ...(of === undefined ? {} : { of }),
  });
  const common: Draft[] = [
    count('incidents', incidents.length),
    count('alerts', alerts),
    count('duplicates', duplicates),
    ...(counted.suppressed === undefined ? [] : [count('suppressed', counted.suppressed)]),
    ...(alerts === 0
      ? []
      : [
          {
            measure: 'noise-removed' as const,
            unit: 'percent' as const,
            value: Math.round(100 * Math.max(0, 1 - incidents.length / alerts)),
          },
        ]),
    ...durations('triage', incidents, 'triaged', audience),
    ...durations('containment', incidents, 'contained', audience),
    ...tally(incidents.flatMap(({ verdict }) => verdict ?? [])).map(([of, value]) => count('verdict', value, of)),
    ...tally(incidents.flatMap(({ outcome }) => outcome ?? [])).map(([of, value]) => count('outcome', value, of)),
    ...tally(counted.actions.map(({ action, ended }) => `${action} ${ended}`)).map(([of, value]) =>
      count('action', value, of),
    ),
    count('model-calls', models.calls),
    { measure: 'model-cost', unit: 'usd', value: Math.round(models.microUsd / 10_000) / 100 },
    ...(models.unpricedCalls === 0 ? [] : [count('model-calls-unpriced', models.unpricedCalls)]),
  ];
  if (audience === 'ciso') return common;
  return [
    ...common,
    count('model-tokens', models.tokens),
    ...[...SEVERITIES].reverse().flatMap((severity) => {
      const value = incidents.filter((one) => one.severity === severity).length;
      return value === 0 ? [] : [count('severity', value, severity)];
    }),
    ...tally(incidents.map(({ workload }) => cleanText(workloadLabel(workload), { max: NAME }).replaceAll('"', "'")))
      .slice(0, MOST_WORKLOADS)
      .map(([of, value]) => count('workload', value, of)),
  ];
}

function durations(
  what: 'triage' | 'containment',
  incidents: readonly Incident[],
  until: 'triaged' | 'contained',
  audience: Audience,
): Draft[] {
  const minutes = incidents
    .flatMap(({ times }) => {
      const end = times[until];
      return end === undefined ? [] : [Math.max(0, (Date.parse(end) - Date.parse(times.received)) / 60_000)];
    })
    .sort((a, b) => a - b);
  if (minutes.length === 0) return [];
  const draft = (measure: Figure['measure'], share: number): Draft => ({
    measure,
    unit: 'minutes',
    value: Math.round(quantile(minutes, share)),
  });
  return [draft(`${what}-median`, 0.5), ...(audience === 'soc' ? [draft(`${what}-slowest-tenth`, 0.9)] : [])];
}

/** Of sorted values, between neighbours where it falls between them. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

function unknownOf(now: Counted, drafts: readonly Draft[]): Briefing['unknown'] {
  const has = (measure: Figure['measure']): boolean => drafts.some((draft) => draft.measure === measure);
  return [
    ...(now.suppressed === undefined ? [{ measure: 'suppressed' as const, why: 'no suppression was counted' }] : []),
    ...(has('triage-median') ? [] : [{ measure: 'triage-median' as const, why: 'no incident was triaged' }]),
    ...(has('containment-median') ? [] : [{ measure: 'containment-median' as const, why: 'nothing was contained' }]),
  ];
}

/** The most frequent first; equal ones by name, so that the same incidents give the same figures. */
function tally(words: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
