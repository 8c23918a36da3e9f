import { describe, expect, it } from 'vitest';
import { planDigest } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { sampleConfiguration, sampleIncident, samplePlanned, samplePrepared } from '../../test/fakes/planning.ts';
import { whyNot } from './may-execute.ts';

const planned = samplePlanned();
const approval: Approval = {
  approvalId: 'apr-1',
  incidentId: 'inc-0123456789abcdef0123',
  actionId: 'A1',
  action: 'kubernetes.quarantine-pod',
  planDigest: planned.digest,
  planKey: 'incidents/inc-0123456789abcdef0123/plan-v1.json',
  status: 'APPROVED',
  approvers: ['ada'],
  quorum: 1,
  votes: [{ person: 'ada', decision: 'approved', at: '2026-01-01T00:05:00.000Z' }],
  steps: [],
  stepsDone: 0,
  keptOut: [],
  createdAt: '2026-01-01T00:02:00.000Z',
  expiresAt: '2026-01-01T00:32:00.000Z',
  decidedBy: 'ada',
  decidedAt: '2026-01-01T00:05:00.000Z',
  delivery: 'delivered',
};
const given = {
  config: sampleConfiguration(),
  incident: sampleIncident(),
  planned,
  planKey: approval.planKey,
  approval,
};

describe('whyNot', () => {
  it('lets an approved, confirmed, unchanged action of an eligible approver through', () => {
    expect(whyNot(given)).toBeUndefined();
  });

  it('lets people approve what a playbook might have done, where it was not done without them', () => {
    expect(whyNot({ ...given, planned: samplePlanned({ gate: 'automatic' }) })).toBeUndefined();
  });

  const undecided: Approval = { ...approval };
  delete undecided.decidedBy;
  const refused: readonly (readonly [string, Partial<typeof given> | { approval: Approval | undefined }, RegExp])[] = [
    ['the incident is unconfirmed', { incident: sampleIncident({ confirmed: false }) }, /did not confirm/],
    ['the plan only suggests it', { planned: samplePlanned({ gate: 'suggest' }) }, /gate is suggest/],
    ['the configuration was closed meanwhile', { config: sampleConfiguration({ actions: {} }) }, /suggested only/],
    [
      'the scope was moved back to observe meanwhile',
      { config: sampleConfiguration({ rollout: [{ scope: {}, phase: 'observe' }] }) },
      /phase here is observe/,
    ],
    ['there is no approval', { approval: undefined }, /no such approval/],
    ['it is still pending', { approval: { ...approval, status: 'PENDING' } }, /pending, not approved/],
    ['it was rejected', { approval: { ...approval, status: 'REJECTED' } }, /rejected, not approved/],
    ['nobody is named as the one who decided', { approval: undecided }, /not approved/],
    ['the approval is of its undo', { approval: { ...approval, purpose: 'undo' } }, /for the undo/],
    ['the approval is of another incident', { approval: { ...approval, incidentId: 'inc-other' } }, /another action/],
    ['the approval is of another action of the plan', { approval: { ...approval, actionId: 'A2' } }, /another action/],
    [
      'the approval is of an older plan',
      { planKey: 'incidents/inc-0123456789abcdef0123/plan-v2.json' },
      /another action/,
    ],
    [
      'it was decided after its expiry',
      { approval: { ...approval, decidedAt: '2026-01-01T00:32:01.000Z' } },
      /after it had expired/,
    ],
    [
      'the approver lost the right meanwhile',
      {
        approval: { ...approval, votes: [{ person: 'mallory', decision: 'approved', at: '2026-01-01T00:05:00.000Z' }] },
      },
      /mallory may no longer/,
    ],
    ['nobody voted', { approval: { ...approval, votes: [] } }, /1 people must approve it, and 0 did/],
    ['it was asked of two people', { approval: { ...approval, quorum: 2 } }, /2 people must approve it, and 1 did/],
    [
      'the policy was made stricter meanwhile',
      { config: sampleConfiguration({ approvals: { policy: [{ quorum: 2 }] } }) },
      /2 people must approve it, and 1 did/,
    ],
    [
      'one person stands there twice',
      { approval: { ...approval, quorum: 2, votes: [...approval.votes, ...approval.votes] } },
      /ada is counted twice/,
    ],
    [
      'somebody had rejected it',
      {
        approval: {
          ...approval,
          votes: [...approval.votes, { person: 'eve', decision: 'rejected', at: '2026-01-01T00:06:00.000Z' }],
        },
      },
      /eve rejected it/,
    ],
    [
      'the right was used in the name of somebody who had not delegated it',
      {
        approval: {
          ...approval,
          votes: [{ person: 'eve', onBehalfOf: 'ada', decision: 'approved', at: '2026-01-01T00:06:00.000Z' }],
        },
      },
      /eve may no longer/,
    ],
  ];
  it.each(refused)('refuses when %s', (_, change, reason) => {
    expect(whyNot({ ...given, ...change })).toMatch(reason);
  });

  it('refuses when one character of the plan differs from what was approved', () => {
    const prepared = samplePrepared({ beforeState: { labels: { app: 'checkoux' } } });
    expect(whyNot({ ...given, planned: samplePlanned({ prepared, digest: planDigest(prepared) }) })).toMatch(
      /another plan digest/,
    );
  });
});
