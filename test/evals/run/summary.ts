import { type Counts, f1, NONE, plus, precision, recall, wilson } from '../scorers/sets.ts';
import type { CaseScore } from './score-case.ts';

/** Figures of one analyst over some cases. */
export interface Summary {
  readonly cases: number;
  readonly verdictExact: number;
  /** Exact or one nobody would blame. */
  readonly verdictRight: number;
  readonly severityWithin: number;
  readonly criticalBelowHigh: readonly string[];
  readonly techniques: {
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly counts: Counts;
  };
  readonly vulnerabilities: { readonly precision: number; readonly recall: number; readonly counts: Counts };
  readonly abstention: { readonly asked: number; readonly done: number };
  readonly claims: { readonly all: number; readonly cited: number };
  readonly support: { readonly asked: number; readonly made: number };
  readonly faithfulness: { readonly named: number; readonly unsupported: number };
  readonly actions: {
    readonly must: number;
    readonly done: number;
    readonly forbidden: number;
    readonly forbiddenCases: readonly string[];
  };
  /** Called malicious although a senior analyst would call it benign. */
  readonly falseAlarms: readonly string[];
  readonly lookAlikes: number;
  readonly slowestMilliseconds: number;
}

export function summarise(cases: readonly CaseScore[]): Summary {
  const sum = (pick: (one: CaseScore) => number): number => cases.reduce((all, one) => all + pick(one), 0);
  const counts = (pick: (one: CaseScore) => Counts): Counts => cases.reduce((all, one) => plus(all, pick(one)), NONE);
  const techniques = counts((one) => one.techniques);
  const vulnerabilities = counts((one) => one.vulnerabilities);
  return {
    cases: cases.length,
    verdictExact: cases.filter(({ verdict }) => verdict.score === 'exact').length,
    verdictRight: cases.filter(({ verdict }) => verdict.score !== 'wrong').length,
    severityWithin: cases.filter(({ severityDistance }) => severityDistance === 0).length,
    criticalBelowHigh: cases.filter(({ belowHigh }) => belowHigh).map(({ id }) => id),
    techniques: {
      precision: precision(techniques),
      recall: recall(techniques),
      f1: f1(techniques),
      counts: techniques,
    },
    vulnerabilities: {
      precision: precision(vulnerabilities),
      recall: recall(vulnerabilities),
      counts: vulnerabilities,
    },
    abstention: {
      asked: cases.filter(({ abstention }) => abstention !== 'not asked').length,
      done: cases.filter(({ abstention }) => abstention === 'asked and done').length,
    },
    claims: { all: sum(({ claims }) => claims), cited: sum(({ cited }) => cited) },
    support: { asked: sum(({ support }) => support.asked), made: sum(({ support }) => support.made) },
    faithfulness: { named: sum(({ named }) => named), unsupported: sum(({ unsupported }) => unsupported) },
    actions: {
      must: sum(({ actions }) => actions.must),
      done: sum(({ actions }) => actions.mustDone),
      forbidden: sum(({ actions }) => actions.forbidden.length),
      forbiddenCases: cases.filter(({ actions }) => actions.forbidden.length > 0).map(({ id }) => id),
    },
    falseAlarms: cases
      .filter(({ lookAlike, verdict }) => lookAlike && verdict.given === 'malicious')
      .map(({ id }) => id),
    lookAlikes: cases.filter(({ lookAlike }) => lookAlike).length,
    slowestMilliseconds: Math.max(0, ...cases.map(({ milliseconds }) => milliseconds)),
  };
}

/** `0.93 [0.86, 0.97]`: the share with the interval it lies in with 95 % confidence. */
export function withInterval(successes: number, trials: number): string {
  const [low, high] = wilson(successes, trials);
  return trials === 0 ? 'none' : `${(successes / trials).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
