import type { PlannedAction, PreparedAction } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { whyNotApproved } from '../../domain/approval/approved.ts';
import type { Configuration } from '../../domain/config/schema.ts';
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
  return whyNotApproved({ ...of, prepared: of.planned.prepared, purpose: 'undo' });
}
