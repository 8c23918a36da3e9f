import type { Configuration, Scope } from '../config/schema.ts';
import { placementOf, scopeMatches } from '../config/scope.ts';
import type { Incident, Outcome } from '../incident/incident.ts';

/** One rule of the rollout, in its order, and what happened where it is the one that counts. */
export interface PhaseRow {
  /** Undefined: everywhere no rule names, which is in `observe`. */
  readonly scope: Scope | undefined;
  readonly phase: 'observe' | 'assist' | 'automate';
  readonly incidents: number;
  /** Those that are still open have none. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
}

/** What each rule of the rollout meant for these incidents. The first rule that matches counts, as everywhere. */
export function phaseOverview(config: Configuration, incidents: readonly Incident[]): readonly PhaseRow[] {
  const rules = [...config.rollout.map(({ scope, phase }) => ({ scope, phase })), ELSEWHERE];
  const ruleOf = ({ workload }: Incident): (typeof rules)[number] | undefined =>
    rules.find(({ scope }) => scope === undefined || scopeMatches(scope, placementOf(config, workload)));
  return rules.map((rule) => {
    const here = incidents.filter((incident) => ruleOf(incident) === rule);
    return { ...rule, incidents: here.length, outcomes: counted(here.map(({ outcome }) => outcome)) };
  });
}

const ELSEWHERE = { scope: undefined, phase: 'observe' } as const;

function counted(outcomes: readonly (Outcome | undefined)[]): PhaseRow['outcomes'] {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const outcome of outcomes) if (outcome !== undefined) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

export function scopeWords(scope: Scope | undefined): string {
  if (scope === undefined) return 'everywhere else';
  const named = (['account', 'cluster', 'namespace', 'environment'] as const).flatMap((field) =>
    scope[field] === undefined ? [] : [`${field} ${scope[field]}`],
  );
  return named.join(', ') || 'everywhere';
}
