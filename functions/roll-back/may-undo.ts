import { type PlannedAction, type PreparedAction, planDigest } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { caseOf } from '../../domain/approval/link.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { whyNoQuorum } from '../../domain/approval/quorum.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { rolloutOf } from '../../domain/config/scope.ts';
import type { Incident } from '../../domain/incident/incident.ts';

/** The plan of an undo, and what it is the undo of. */
export interface UndoPlanned {
  readonly incident: Incident;
  readonly planned: PlannedAction;
  readonly undoes: NonNullable<PreparedAction['undoes']>;
}

/**
 * Why an undo must not be done now, or undefined. As before an execution, everything is checked again from the stored records
 * alone, so that whoever could start a roll-back or forge its input still gets nothing done (rule 4).
 */
export function whyNotUndo(of: {
  readonly config: Configuration;
  readonly incident: Incident;
  readonly planned: PlannedAction;
  readonly planKey: string;
  readonly approval: Approval | undefined;
}): string | undefined {
  const { config, incident, planned, approval } = of;
  const { prepared } = planned;
  if (approval === undefined) return 'There is no such approval.';
  if (purposeOf(approval) !== 'undo') return 'The approval was given for the action, not for its undo.';
  if (approval.status !== 'APPROVED' || approval.decidedAt === undefined)
    return `The approval is ${approval.status.toLowerCase()}, not approved.`;
  if (
    approval.incidentId !== incident.incidentId ||
    approval.actionId !== prepared.actionId ||
    approval.action !== prepared.action ||
    approval.planKey !== of.planKey
  )
    return 'The approval was given for another undo.';
  if (approval.planDigest !== planDigest(prepared)) return 'The approval was given for another plan digest.';
  if (Date.parse(approval.decidedAt) > Date.parse(approval.expiresAt))
    return 'The approval was given after it had expired.';
  if (rolloutOf(config, caseOf(config, { incident, prepared }).place).phase === 'observe')
    return 'The rollout phase here is observe, in which Parapet writes nothing outside.';
  return whyNoQuorum(config, { approval, prepared, incident });
}
