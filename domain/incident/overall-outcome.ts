import type { ActionOutcome } from '../orchestration.ts';
import type { Outcome } from './incident.ts';

type Result = ActionOutcome['result'];

/** The effect is there, wholly or in part. */
const EFFECTIVE: ReadonlySet<Result> = new Set(['contained', 'partial']);
/** Something was tried on a target and its effect is not, or not wholly, there. */
const FELL_SHORT: ReadonlySet<Result> = new Set(['partial', 'rolled-back', 'rollback-failed', 'not-applied', 'failed']);
/** Without any effect: the first of these that occurred is the word for the incident, most alarming first. */
const WITHOUT_EFFECT: readonly (readonly [Result, Outcome])[] = [
  ['rollback-failed', 'action-failed'],
  ['failed', 'action-failed'],
  ['not-applied', 'action-failed'],
  ['rolled-back', 'rolled-back'],
  ['decided-too-late', 'decided-too-late'],
  ['expired', 'expired'],
  ['rejected', 'rejected'],
];

/**
 * One word for how an incident ended. `contained` needs every action that was tried to be proven; actions that people
 * rejected or left unanswered do not spoil it, because they were never tried. An error of the machinery is `failed`
 * whatever was achieved before, because nobody can say what was left undone. Marks, copies and answers at the vendor contain
 * nothing: they neither make an incident contained nor spoil that, and are `noted` where nothing else was done.
 */
export function overallOutcome(ended: {
  readonly outcomes: readonly ActionOutcome[];
  readonly verdict: string | undefined;
  readonly confirmed: boolean;
  readonly error: string | undefined;
  /** Ids of the actions that contain nothing. */
  readonly marking?: ReadonlySet<string>;
}): Outcome {
  if (ended.error !== undefined) return 'failed';
  const marking = ended.marking ?? new Set();
  const resultsOf = (ofMarks: boolean): Result[] =>
    ended.outcomes.filter(({ actionId }) => marking.has(actionId) === ofMarks).map(({ result }) => result);
  const [results, marks] = [resultsOf(false), resultsOf(true)];
  if (results.some((result) => EFFECTIVE.has(result))) {
    return results.some((result) => FELL_SHORT.has(result)) ? 'partially-contained' : 'contained';
  }
  const without = withoutEffect(results);
  if (without !== undefined) return without;
  if (marks.some((result) => EFFECTIVE.has(result))) return 'noted';
  const unmarked = withoutEffect(marks);
  if (unmarked !== undefined) return unmarked;
  if (!ended.confirmed) return 'unverified';
  return ended.verdict === 'benign' && ended.outcomes.length === 0 ? 'no-action-needed' : 'advice-only';
}

function withoutEffect(results: readonly Result[]): Outcome | undefined {
  return WITHOUT_EFFECT.find(([result]) => results.includes(result))?.[1];
}
