import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERDICTS } from '../analysis/analysis.ts';
import { type ActionOutcome, actionOutcomeSchema } from '../orchestration.ts';
import { OUTCOMES } from './incident.ts';
import { overallOutcome } from './overall-outcome.ts';

type Result = ActionOutcome['result'];
const RESULTS = actionOutcomeSchema.shape.result.options;

function outcomeOf(
  results: readonly Result[],
  given: { verdict?: string; confirmed?: boolean; error?: string } = {},
): string {
  return overallOutcome({
    outcomes: results.map((result, index) => ({ actionId: `A${index + 1}`, result, reason: 'because' })),
    verdict: given.verdict ?? 'malicious',
    confirmed: given.confirmed ?? true,
    error: given.error,
  });
}

describe('overallOutcome', () => {
  it.each<[string, Result[], string]>([
    ['all that was tried is proven', ['contained', 'contained'], 'contained'],
    ['one is proven and people declined the other', ['contained', 'rejected', 'expired', 'advice'], 'contained'],
    ['one is proven and another could not be applied', ['contained', 'not-applied'], 'partially-contained'],
    ['one is proven and another broke', ['contained', 'failed'], 'partially-contained'],
    ['one is proven and another was undone', ['contained', 'rolled-back'], 'partially-contained'],
    ['an effect is there only in part', ['partial'], 'partially-contained'],
    ['the only action was undone', ['rolled-back'], 'rolled-back'],
    ['undoing failed, which is worse than undone', ['rolled-back', 'rollback-failed'], 'action-failed'],
    ['nothing could be applied', ['not-applied', 'advice'], 'action-failed'],
    ['it broke and people declined the rest', ['rejected', 'failed'], 'action-failed'],
    ['an answer came too late', ['decided-too-late', 'expired'], 'decided-too-late'],
    ['nobody answered, beside a refusal', ['rejected', 'expired'], 'expired'],
    ['people said no', ['rejected', 'advice'], 'rejected'],
    ['there was only advice', ['advice'], 'advice-only'],
    ['nothing was proposed for something malicious', [], 'advice-only'],
  ])('when %s', (_, results, expected) => {
    expect(outcomeOf(results)).toBe(expected);
  });

  it.each<[string, Result[], Result[], string]>([
    ['only the vendor was answered', [], ['contained'], 'noted'],
    ['people refused to contain and the vendor was answered', ['rejected'], ['contained'], 'rejected'],
    ['it is contained and the vendor could not be answered', ['contained'], ['failed'], 'contained'],
    ['it is contained and a copy is not complete yet', ['contained'], ['partial'], 'contained'],
    ['a copy is not complete yet, beside advice', ['advice'], ['partial'], 'noted'],
    ['the answer at the vendor was rejected', ['advice'], ['rejected'], 'rejected'],
    ['the answer at the vendor failed', [], ['not-applied'], 'action-failed'],
  ])(
    'never calls an incident contained by a mark, a copy or an answer at the vendor: %s',
    (_, done, marks, expected) => {
      const outcomes = [...done, ...marks].map((result, index) => ({ actionId: `A${index + 1}`, result, reason: 'x' }));
      const marking = new Set(outcomes.slice(done.length).map(({ actionId }) => actionId));
      const given = { outcomes, verdict: 'malicious', confirmed: true, error: undefined };
      expect(overallOutcome({ ...given, marking })).toBe(expected);
    },
  );

  it('needs no action for a benign incident, but says advice when there was some', () => {
    expect(outcomeOf([], { verdict: 'benign' })).toBe('no-action-needed');
    expect(outcomeOf(['advice'], { verdict: 'benign' })).toBe('advice-only');
  });

  it('calls an alert its vendor did not confirm unverified, even a benign one', () => {
    expect(outcomeOf([], { confirmed: false })).toBe('unverified');
    expect(outcomeOf(['advice'], { confirmed: false, verdict: 'benign' })).toBe('unverified');
  });

  it('is failed when the machinery broke, whatever was achieved before', () => {
    expect(outcomeOf(['contained'], { error: 'Lambda.Unknown' })).toBe('failed');
  });

  it('does not depend on the order of the actions and never claims containment without proof', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...RESULTS), { maxLength: 6 }),
        fc.constantFrom(...VERDICTS),
        fc.boolean(),
        (results, verdict, confirmed) => {
          const outcome = outcomeOf(results, { verdict, confirmed });
          expect(OUTCOMES).toContain(outcome);
          expect(outcomeOf([...results].reverse(), { verdict, confirmed })).toBe(outcome);
          if (outcome === 'contained') expect(results).toContain('contained');
          if (outcome === 'no-action-needed') expect(results).toEqual([]);
        },
      ),
    );
  });
});
