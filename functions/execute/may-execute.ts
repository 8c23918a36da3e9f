import { type PlannedAction, planDigest } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { whyNoQuorum } from '../../domain/approval/quorum.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Incident } from '../../domain/incident/incident.ts';

/**
 * Why an action must not be executed now, or undefined. This repeats what plan and decide checked, from the stored
 * records alone: whoever could start an execution or forge its input still gets nothing done (rules 1, 4 and 7).
 */
export function whyNot(given: {
  readonly config: Configuration;
  readonly incident: Incident;
  readonly planned: PlannedAction;
  readonly planKey: string;
  readonly approval: Approval | undefined;
}): string | undefined {
  const { config, incident, planned, approval } = given;
  const { prepared } = planned;
  if (!incident.confirmed) return 'The vendor did not confirm the alert.';
  // What a playbook may do may be approved by people as well, where it was not done without them.
  if (planned.gate === 'suggest') return `The plan does not let this action be executed; its gate is ${planned.gate}.`;
  if (config.actions[prepared.action]?.gate !== 'ask') return 'The configuration lets this action be suggested only.';
  if (prepared.undoes !== undefined) return 'This is the undo of an action, which is not executed here.';
  if (approval === undefined) return 'There is no such approval.';
  if (purposeOf(approval) !== 'apply') return 'The approval was given for the undo of an action.';
  if (approval.status !== 'APPROVED' || approval.decidedBy === undefined || approval.decidedAt === undefined) {
    return `The approval is ${approval.status.toLowerCase()}, not approved.`;
  }
  if (
    approval.incidentId !== incident.incidentId ||
    approval.actionId !== prepared.actionId ||
    approval.action !== prepared.action ||
    approval.planKey !== given.planKey
  ) {
    return 'The approval was given for another action.';
  }
  if (approval.planDigest !== planDigest(prepared)) return 'The approval was given for another plan digest.';
  if (Date.parse(approval.decidedAt) > Date.parse(approval.expiresAt))
    return 'The approval was given after it had expired.';
  return whyNoQuorum(config, { approval, prepared, incident });
}
