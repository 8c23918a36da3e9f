import type { Incident } from '../incident/incident.ts';
import type { Approval, ApprovalPurpose } from './approval.ts';

export function purposeOf({ purpose = 'apply' }: Pick<Approval, 'purpose'>): ApprovalPurpose {
  return purpose;
}

/** What a question is about, in a word before the name of the action. */
export function aboutWords(approval: Pick<Approval, 'purpose' | 'actionId' | 'action'>): string {
  const { actionId, action } = approval;
  return purposeOf(approval) === 'undo' ? `undo of ${actionId} ${action}` : `${actionId} ${action}`;
}

/** Heading over what takes the decision back again. */
export function wayBackHeading(approval: Pick<Approval, 'purpose'>): string {
  return purposeOf(approval) === 'undo' ? 'How it is contained again' : 'How it is undone';
}

/**
 * Whether nothing is left to decide because of how the incident stands. An incident that is over, or whose vendor does not
 * confirm it, must not be acted on any more (rule 7); what was done for it may be put back at any later time.
 */
export function isOver(
  approval: Pick<Approval, 'purpose'>,
  { status, confirmed }: Pick<Incident, 'status' | 'confirmed'>,
): boolean {
  switch (purposeOf(approval)) {
    case 'undo':
      return false;
    case 'apply':
      return status === 'concluded' || status === 'failed' || !confirmed;
  }
}
