import type { Approval, Decision } from '../../domain/approval/approval.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { Decidable } from './decidable.ts';

type Open = Pick<Extract<Decidable, { ok: true }>, 'approval' | 'decider'>;

/** The decision of whoever may decide, about the plan that was asked about. */
export function decisionOf({ approval, decider }: Open, decision: Decision['decision'], now: Date): Decision {
  return {
    approvalId: approval.approvalId,
    decision,
    decidedBy: decider.person.id,
    decidedAt: now.toISOString(),
    planDigest: approval.planDigest,
    ...(decider.onBehalfOf === undefined ? {} : { onBehalfOf: decider.onBehalfOf.id }),
  };
}

/** Counts and logs a stored decision. The record itself moves the incident and the execution on (stream of the table). */
export function tellDecided(telemetry: Telemetry, after: Approval, decision: Decision): void {
  const { approvalId, incidentId, status } = after;
  telemetry.count(status === 'PENDING' ? 'ApprovalVoted' : 'ApprovalDecided', { decision: decision.decision });
  telemetry.info(status === 'PENDING' ? 'approval voted' : 'approval decided', {
    approvalId,
    incidentId,
    decision: decision.decision,
    decidedBy: decision.decidedBy,
    ...(decision.channel === undefined ? {} : { channel: decision.channel }),
  });
}
