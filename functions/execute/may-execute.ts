import type { PlannedAction } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { whyNotApproved } from '../../domain/approval/approved.ts';
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
  const { config, incident, planned } = given;
  const { prepared } = planned;
  if (!incident.confirmed) return 'The vendor did not confirm the alert.';
  // What a playbook may do may be approved by people as well, where it was not done without them.
  if (planned.gate === 'suggest') return `The plan does not let this action be executed; its gate is ${planned.gate}.`;
  if (config.actions[prepared.action]?.gate !== 'ask') return 'The configuration lets this action be suggested only.';
  if (prepared.undoes !== undefined) return 'This is the undo of an action, which is not executed here.';
  return whyNotApproved({ ...given, prepared, purpose: 'apply' });
}
