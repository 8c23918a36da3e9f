import type { Approval, Decision } from '../../domain/approval/approval.ts';
import { freshNamespace } from './stores.ts';

/** A question nobody has answered, of an incident of its own. */
export function pendingApproval(change: Partial<Approval> = {}): Approval {
  const id = freshNamespace();
  return {
    approvalId: `apr-${id}`,
    incidentId: `inc-${id}`,
    actionId: 'A1',
    action: 'kubernetes.quarantine-pod',
    planDigest: 'd'.repeat(64),
    planKey: `incidents/inc-${id}/plan.json`,
    status: 'PENDING',
    approvers: ['payments-lead'],
    quorum: 1,
    votes: [],
    steps: [],
    stepsDone: 0,
    keptOut: [],
    createdAt: '2025-10-14T09:18:00.000Z',
    // No fraction of a second: as text this sorts after 09:20:00.000Z, as time before it.
    expiresAt: '2025-10-14T09:48:00Z',
    delivery: 'waiting',
    ...change,
  };
}

export function decisionOf(approval: Approval, person: string, given: Partial<Decision> = {}): Decision {
  return {
    approvalId: approval.approvalId,
    decision: 'approved',
    decidedBy: person,
    decidedAt: '2025-10-14T09:20:00.000Z',
    planDigest: approval.planDigest,
    ...given,
  };
}
