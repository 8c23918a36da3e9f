import { placeOfTarget } from '../approval/link.ts';
import type { Configuration, Scope } from '../config/schema.ts';
import { placementOf, scopeMatches } from '../config/scope.ts';
import type { Incident } from '../incident/incident.ts';
import { type Answer, lowerBound, type Shadow } from '../playbooks/agreement.ts';
import { PLAYBOOK_NAMES } from '../playbooks/assessment.ts';
import { PLAYBOOKS } from '../playbooks/registry.ts';

/** What must be true before a scope may move up. */
export const READINESS = {
  /** Incidents in `observe`, before people are asked. */
  observed: 10,
  /** Decisions of people about what a playbook would have done. */
  decided: 20,
  /** Lower bound of their agreement: 20 of 20 give 0.84. */
  agreement: 0.8,
  /** Of the newest decisions none may disagree. */
  withoutDisagreement: 10,
  /** Share of incidents whose alert its vendor did not confirm. */
  unverified: 0.2,
} as const;

/** One incident with what a playbook would have done in it; newest first in every list. */
export interface ReadinessCase {
  readonly incident: Incident;
  readonly shadows: readonly Shadow[];
}

export interface Agreement {
  readonly playbook: (typeof PLAYBOOK_NAMES)[number];
  readonly answers: Readonly<Record<Answer, number>>;
  readonly decided: number;
  /** Wilson, 95 %. */
  readonly atLeast: number;
  /** Whether it may act by itself here, and if not, why not yet. */
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface ReadinessRow {
  /** Undefined: everywhere no rule names. */
  readonly scope: Scope | undefined;
  readonly phase: 'observe' | 'assist' | 'automate';
  readonly next: 'assist' | 'automate' | undefined;
  readonly incidents: number;
  readonly unverified: number;
  /** Whether the scope may move up at all: to `automate` if one playbook may act there. */
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly playbooks: readonly Agreement[];
}

/** For each rule of the rollout, and everywhere else: whether it may move up, and why not yet. It changes nothing. */
export function readinessOf(config: Configuration, cases: readonly ReadinessCase[]): readonly ReadinessRow[] {
  const rules = [...config.rollout.map(({ scope, phase }) => ({ scope, phase })), ELSEWHERE];
  const ruleAt = (place: Parameters<typeof scopeMatches>[1]): (typeof rules)[number] | undefined =>
    rules.find(({ scope }) => scope === undefined || scopeMatches(scope, place));
  return rules.map((rule) => {
    const here = cases.filter(({ incident }) => ruleAt(placementOf(config, incident.workload)) === rule);
    // An action counts where its target is, which need not be where its incident is.
    const shadows = cases.flatMap(({ incident, shadows: all }) =>
      all.filter(({ target }) => ruleAt(placeOfTarget(config, incident.workload, target)) === rule),
    );
    return rowOf(
      rule,
      here.map(({ incident }) => incident),
      shadows,
    );
  });
}

const ELSEWHERE = { scope: undefined, phase: 'observe' } as const;

function rowOf(
  { scope, phase }: Pick<ReadinessRow, 'scope' | 'phase'>,
  incidents: readonly Incident[],
  shadows: readonly Shadow[],
): ReadinessRow {
  const unverified = incidents.filter(({ confirmed }) => !confirmed).length;
  const playbooks = PLAYBOOK_NAMES.map((playbook) =>
    agreementOf(
      playbook,
      shadows.filter((one) => one.playbook === playbook),
    ),
  ).filter(({ answers }) => Object.values(answers).some((count) => count > 0));
  const doubtful =
    incidents.length > 0 && unverified / incidents.length > READINESS.unverified
      ? [`${unverified} of ${incidents.length} incidents not confirmed by their vendor`]
      : [];
  const row = { scope, phase, incidents: incidents.length, unverified, playbooks };
  switch (phase) {
    case 'observe': {
      const few =
        incidents.length < READINESS.observed ? [`${incidents.length} of ${READINESS.observed} incidents so far`] : [];
      const reasons = [...few, ...doubtful];
      return { ...row, next: 'assist', ready: reasons.length === 0, reasons };
    }
    case 'assist': {
      const none = playbooks.some(({ ready }) => ready) ? [] : ['no playbook may act by itself here yet'];
      const reasons = [...none, ...doubtful];
      return { ...row, next: 'automate', ready: reasons.length === 0, reasons };
    }
    case 'automate':
      return { ...row, next: undefined, ready: false, reasons: ['there is no further phase', ...doubtful] };
  }
}

/** @param shadows of one playbook, newest first */
function agreementOf(playbook: Agreement['playbook'], shadows: readonly Shadow[]): Agreement {
  const count = (answer: Answer): number => shadows.filter((one) => one.answer === answer).length;
  const answers = {
    agreed: count('agreed'),
    disagreed: count('disagreed'),
    abstained: count('abstained'),
    open: count('open'),
    acted: count('acted'),
  };
  const decided = answers.agreed + answers.disagreed;
  const atLeast = lowerBound(answers.agreed, decided);
  const newest = shadows
    .filter(({ answer }) => answer === 'agreed' || answer === 'disagreed')
    .slice(0, READINESS.withoutDisagreement);
  const reasons = [
    decided < READINESS.decided ? `${decided} decisions so far, of ${READINESS.decided}` : undefined,
    atLeast < READINESS.agreement
      ? `people agreed in at least ${percent(atLeast)} of cases (95 % confidence), of ${percent(READINESS.agreement)}`
      : undefined,
    newest.some(({ answer }) => answer === 'disagreed')
      ? `one of the newest ${READINESS.withoutDisagreement} decisions disagreed`
      : undefined,
  ].filter((reason) => reason !== undefined);
  return { playbook, answers, decided, atLeast, ready: reasons.length === 0, reasons };
}

export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** What a playbook is about, for people. */
export function playbookTitle({ playbook }: Pick<Agreement, 'playbook'>): string {
  return PLAYBOOKS[playbook].title;
}
