import { describe, expect, it } from 'vitest';
import { type AuditEntry, type AuditKind, nextEntry } from '../audit/entry.ts';
import { outcomeNow, withUndone } from './outcomes.ts';
import { nextAttempt, undoneActions, undoStanding, undosIn, undoWords } from './undo.ts';

const AT = '2026-01-01T00:00:00.000Z';
type Said = readonly [kind: AuditKind, data: Record<string, unknown>];

function chainOf(...said: readonly Said[]): readonly AuditEntry[] {
  const chain: AuditEntry[] = [];
  for (const [kind, data] of said)
    chain.push(
      nextEntry(chain.at(-1), { chain: 'inc-1', at: AT, actor: { type: 'function', id: 'test' }, kind, data }),
    );
  return chain;
}

const PLANNED: Said = ['plan.made', { planKey: 'plan-v1', actions: [{ actionId: 'A1', digest: 'd1' }] }];
const STARTED: Said = ['action.started', { actionId: 'A1', digest: 'd1' }];
const verified = (result: string, change: object = {}): Said => [
  'action.verified',
  { actionId: 'A1', result, ...change },
];
const back = (outcome: string): Said => ['action.rolled-back', { actionId: 'A1', outcome }];
const ended = (attempt: number, result: string): Said => [
  'rollback.concluded',
  { actionId: 'A1', attempt, result, reason: 'because' },
];
const STANDS = { ok: true, planKey: 'plan-v1', digest: 'd1', at: AT };

describe('whether there is something to put back', () => {
  it.each<[string, readonly Said[], boolean]>([
    ['what was contained', [PLANNED, STARTED, verified('contained')], false],
    ['what holds in part', [PLANNED, STARTED, verified('partial')], false],
    [
      'what a playbook did, without an approval',
      [PLANNED, ['action.started', { actionId: 'A1', digest: 'd1', authority: 'playbook' }], verified('contained')],
      false,
    ],
    ['what has drifted since', [PLANNED, STARTED, verified('contained'), verified('failed', { watch: '15m' })], false],
    ['what its own roll-back could not put back', [PLANNED, STARTED, verified('failed'), back('failed')], false],
    ['what was never verified, when the incident is over', [PLANNED, STARTED], true],
    ['what an earlier request did not change', [PLANNED, STARTED, verified('contained'), ended(1, 'rejected')], true],
  ])('there is: %s', (_, said, over) => {
    expect(undoStanding(chainOf(...said), 'A1', over)).toEqual(STANDS);
  });

  it.each<[string, readonly Said[], RegExp]>([
    ['nothing was executed', [PLANNED], /never executed/],
    ['another action was', [PLANNED, ['action.started', { actionId: 'A2', digest: 'd2' }]], /never executed/],
    ['it was rolled back', [PLANNED, STARTED, verified('failed'), back('rolled-back')], /rolled back already/],
    ['nothing of it was there', [PLANNED, STARTED, back('nothing-to-undo')], /rolled back already/],
    ['it is being executed', [PLANNED, STARTED], /being executed now/],
    ['its own roll-back is on the way', [PLANNED, STARTED, verified('failed')], /being executed now/],
    ['no plan has its digest', [STARTED, verified('contained')], /names no plan/],
  ])('there is not where %s', (_, said, reason) => {
    expect(undoStanding(chainOf(...said), 'A1', false)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it('is about the last execution, and the plan it was executed by', () => {
    const again: Said = ['plan.made', { planKey: 'plan-v2', actions: [{ actionId: 'A1', digest: 'd2' }] }];
    const chain = chainOf(PLANNED, STARTED, back('rolled-back'), again, [
      'action.started',
      { actionId: 'A1', digest: 'd2' },
    ]);
    expect(undoStanding(chain, 'A1', true)).toMatchObject({ ok: true, planKey: 'plan-v2', digest: 'd2' });
  });
});

describe('attempts', () => {
  it('count up only when one has ended, so that asking twice asks once', () => {
    const requested: Said = ['rollback.requested', { actionId: 'A1', attempt: 1 }];
    expect(nextAttempt(chainOf(), 'A1')).toBe(1);
    expect(nextAttempt(chainOf(requested), 'A1')).toBe(1);
    expect(nextAttempt(chainOf(requested, ended(1, 'expired')), 'A1')).toBe(2);
    expect(nextAttempt(chainOf(ended(1, 'expired')), 'A2')).toBe(1);
  });

  it('that cannot be read are none: the log is verified elsewhere', () => {
    expect(undosIn(chainOf(['rollback.concluded', { actionId: 'A1' }]))).toEqual([]);
  });

  it('are told with their end', () => {
    const [undo] = undosIn(chainOf(ended(1, 'unverified')));
    expect(undo && undoWords(undo)).toBe(`A1: put back, but the target does not show it: look at it (${AT}): because`);
  });
});

describe('the outcome of an incident', () => {
  const outcomes = [
    { actionId: 'A1', result: 'contained', reason: 'applied' } as const,
    { actionId: 'A2', result: 'contained', reason: 'applied' } as const,
  ];
  const CONCLUDED: Said = ['incident.concluded', { outcomes }];
  const incident = { status: 'concluded', verdict: 'malicious', confirmed: true } as const;

  it('counts what was undone as rolled back', () => {
    const chain = chainOf(CONCLUDED, ended(1, 'undone'));
    expect(withUndone(outcomes, chain).map(({ result }) => result)).toEqual(['rolled-back', 'contained']);
    expect(outcomeNow(incident, chain)).toBe('partially-contained');
    expect([...undoneActions(chain)]).toEqual(['A1']);
  });

  it.each(['rejected', 'expired', 'refused', 'failed', 'unverified', 'decided-too-late'])(
    'stays what it was when an undo ended as %s',
    (result) => {
      expect(outcomeNow(incident, chainOf(CONCLUDED, ended(1, result)))).toBe('contained');
    },
  );

  it('is not told for an incident that goes on: conclude will', () => {
    expect(outcomeNow({ ...incident, status: 'responding' }, chainOf(ended(1, 'undone')))).toBeUndefined();
    expect(outcomeNow(incident, chainOf(ended(1, 'undone')))).toBeUndefined();
  });
});
