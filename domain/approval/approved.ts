import { type PreparedAction, planDigest } from '../actions/action.ts';
import type { Configuration } from '../config/schema.ts';
import { rolloutOf } from '../config/scope.ts';
import type { Incident } from '../incident/incident.ts';
import type { Approval, ApprovalPurpose } from './approval.ts';
import { caseOf } from './link.ts';
import { purposeOf } from './over.ts';
import { whyNoQuorum } from './quorum.ts';

/**
 * Why this approval is not one of doing exactly this now, or undefined. It repeats what was checked when people were asked
 * and when they decided, from the stored records alone: whoever could start an execution or forge its input still gets
 * nothing done (rule 4).
 */
export function whyNotApproved(of: {
  readonly config: Configuration;
  readonly incident: Incident;
  readonly prepared: PreparedAction;
  readonly planKey: string;
  readonly approval: Approval | undefined;
  /** What is about to be done: the action, or its undo. */
  readonly purpose: ApprovalPurpose;
}): string | undefined {
  const { config, incident, prepared, approval, purpose } = of;
  if (approval === undefined) return 'There is no such approval.';
  if (purposeOf(approval) !== purpose) {
    return purpose === 'apply'
      ? 'The approval was given for the undo of an action.'
      : 'The approval was given for the action, not for its undo.';
  }
  if (approval.status !== 'APPROVED' || approval.decidedBy === undefined || approval.decidedAt === undefined)
    return `The approval is ${approval.status.toLowerCase()}, not approved.`;
  if (
    approval.incidentId !== incident.incidentId ||
    approval.actionId !== prepared.actionId ||
    approval.action !== prepared.action ||
    approval.planKey !== of.planKey
  )
    return `The approval was given for another ${purpose === 'apply' ? 'action' : 'undo'}.`;
  if (approval.planDigest !== planDigest(prepared)) return 'The approval was given for another plan digest.';
  if (Date.parse(approval.decidedAt) > Date.parse(approval.expiresAt))
    return 'The approval was given after it had expired.';
  if (rolloutOf(config, caseOf(config, { incident, prepared }).place).phase === 'observe')
    return 'The rollout phase here is observe, in which Parapet writes nothing outside.';
  return whyNoQuorum(config, { approval, prepared, incident });
}
