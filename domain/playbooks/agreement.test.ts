import { describe, expect, it } from 'vitest';
import { samplePlan, samplePlanned } from '../../test/fakes/planning.ts';
import type { Gate } from '../actions/action.ts';
import type { Approval } from '../approval/approval.ts';
import { type Answer, lowerBound, shadowsOf } from './agreement.ts';

const question = (status: Approval['status'], change: Partial<Approval> = {}): Approval => ({
  approvalId: 'apr-1',
  incidentId: 'inc-0123456789abcdef0123',
  actionId: 'A1',
  action: 'kubernetes.quarantine-pod',
  planDigest: 'd',
  planKey: 'p',
  status,
  approvers: ['ada'],
  quorum: 1,
  votes: [],
  steps: [],
  stepsDone: 0,
  keptOut: [],
  createdAt: '2026-01-01T00:02:00.000Z',
  expiresAt: '2026-01-01T00:32:00.000Z',
  delivery: 'waiting',
  ...change,
});

function answer(approvals: readonly Approval[], gate: Gate = 'ask', over = true): Answer | undefined {
  const playbook = { playbook: 'quarantine-miner' as const, holds: true, conditions: [] };
  return shadowsOf(samplePlan([samplePlanned({ gate, playbook })]), { approvals, over })[0]?.answer;
}

describe('what people did about what a playbook would have done', () => {
  it.each([
    ['approved', 'agreed', [question('APPROVED')], 'ask', true],
    ['rejected', 'disagreed', [question('REJECTED')], 'ask', true],
    ['let expire', 'abstained', [question('EXPIRED')], 'ask', true],
    ['were not asked', 'abstained', [], 'suggest', true],
    ['have not decided yet', 'open', [question('PENDING')], 'ask', false],
    ['left what was done without them', 'acted', [], 'automatic', true],
    ['undid what was done without them', 'disagreed', [question('APPROVED', { purpose: 'undo' })], 'automatic', true],
    [
      'undid what they had approved',
      'disagreed',
      [question('APPROVED'), question('APPROVED', { purpose: 'undo' })],
      'ask',
      true,
    ],
    ['thought of undoing it and did not', 'acted', [question('REJECTED', { purpose: 'undo' })], 'automatic', true],
    ['decided about another action', 'abstained', [question('APPROVED', { actionId: 'A2' })], 'ask', true],
  ] as const)('who %s: %s', (_, wanted, approvals, gate, over) => {
    expect(answer(approvals, gate, over)).toBe(wanted);
  });

  it('is not asked of actions whose playbook would not have acted', () => {
    const playbook = { playbook: 'dormant-key' as const, holds: false, conditions: [] };
    const plan = samplePlan([samplePlanned(), samplePlanned({ playbook })]);
    expect(shadowsOf(plan, { approvals: [question('APPROVED')], over: true })).toEqual([]);
  });
});

describe('lowerBound', () => {
  // Wilson score interval, 95 %, as published tables have it.
  it.each([
    [0, 0, 0],
    [0, 10, 0],
    [10, 10, 0.7225],
    [20, 20, 0.8389],
    [19, 20, 0.7639],
    [95, 100, 0.8882],
  ])('of %i of %i is %d', (agreed, decided, wanted) => {
    expect(lowerBound(agreed, decided)).toBeCloseTo(wanted, 3);
  });
});
