import type { Approval, Refusal } from '../../domain/approval/approval.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { readableTime } from '../../domain/publish/text.ts';

export const UNMAPPED =
  'Nothing was decided. Your Slack user is not known as an approver: being in this channel is no right to decide. Whoever looks after the configuration can enter your member id there.';

export function notByClick(why: string): string {
  return `Nothing was decided. This cannot be approved by a click, because ${why}. You can reject it here.`;
}

export function lacksRight(reason: string): string {
  return `Nothing was decided. ${reason}`;
}

export const RIGHTS_TOO_SLOW =
  'Whether you may do this yourself could not be found out in time; click again, or decide with the link in your mail.';

export const FAILED =
  'It could not be checked whether you may decide, so nothing was decided by this click. Click again in a minute.';

/** What somebody who clicked is told, and only they. */
export function refusedWords(config: Configuration, refusal: Refusal, approval: Approval | undefined): string {
  switch (refusal) {
    case 'used':
      return `This was decided already${deciderOf(config, approval)}. A question is decided once.`;
    case 'voted':
      return 'You have decided about this already, and nobody counts twice. Somebody else must decide too.';
    case 'expired':
      return 'Nothing was decided: the time to decide is over.';
    case 'replanned':
      return 'Nothing was decided: what this message shows is not what would be executed now.';
    case 'closed':
      return 'Nothing was decided: the incident is over, or its alert is no longer confirmed.';
    case 'not-allowed':
      return 'Nothing was decided: the configuration does not, or no longer, let you decide about this action on this target. Your attempt is recorded.';
    case 'not-by-link':
    case 'unknown':
    case 'foreign':
    case 'tampered':
    case 'malformed':
      return 'Nothing was decided: there is no such question.';
  }
}

function deciderOf(config: Configuration, approval: Approval | undefined): string {
  if (approval?.decidedBy === undefined || approval.decidedAt === undefined) return '';
  const name = config.approvers.find(({ id }) => id === approval.decidedBy)?.name ?? approval.decidedBy;
  return `: ${name} ${approval.status === 'APPROVED' ? 'approved' : 'rejected'} it at ${readableTime(approval.decidedAt)}`;
}
