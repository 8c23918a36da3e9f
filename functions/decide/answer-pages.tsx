import type { Message } from '../../connectors/pages/message.tsx';
import type { Approval, Decision, Refusal } from '../../domain/approval/approval.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { readableTime } from '../../domain/publish/text.ts';
import { countOf, type VoteCount } from './votes-view.ts';

export function decidedMessage(decision: Decision, after: Approval, action: { readonly title: string }): Message {
  const when = `Recorded at ${readableTime(decision.decidedAt)}. You can close this page; the link does nothing more.`;
  const { given, needed } = countOf(after);
  const undo = purposeOf(after) === 'undo';
  if (decision.decision === 'rejected') {
    return {
      title: 'Rejected',
      paragraphs: [
        action.title,
        ...(given > 0 ? [`One rejection ends it, although ${given} of ${needed} had approved.`] : []),
        undo
          ? 'What happens next: nothing is put back; what was done stays as it is. The ticket says that you rejected it.'
          : 'What happens next: this action is not executed. The incident goes on with its other actions, and the ticket says that you rejected it.',
        when,
      ],
    };
  }
  return after.status === 'PENDING'
    ? {
        title: `Your approval is recorded: ${given} of ${needed}`,
        paragraphs: [
          action.title,
          `What happens next: nothing yet. ${missingWords(needed - given)} must approve before ${readableTime(after.expiresAt)}, and one rejection ends it. Without that nothing is done.`,
          when,
        ],
      }
    : {
        title: 'Approved',
        paragraphs: [
          action.title,
          ...(needed > 1 ? [`Yours was the last approval that was needed: ${given} of ${needed}.`] : []),
          undo
            ? 'What happens next: Parapet checks that these requests still are what it takes, sends them, and reads the target back. The result appears in the ticket and the chat message of the incident.'
            : 'What happens next: Parapet checks that the target is still as it was, makes a dry run, executes the requests, and reads the target back. If the effect cannot be verified, everything is put back. The result appears in the ticket and the chat message of the incident.',
          when,
        ],
      };
}

function missingWords(missing: number): string {
  return missing === 1 ? 'One more person' : `${missing} more people`;
}

/** Who decided, for the page of a question that is answered. */
export interface Answered {
  readonly name: string;
  readonly decision: 'approved' | 'rejected';
  readonly at: string;
  /** It was recorded, but nobody waited for it any more. */
  readonly late: boolean;
  /** Names of those who had approved what was then rejected. */
  readonly against: readonly string[];
}

export const UNAVAILABLE: Message = {
  title: 'Not possible right now',
  paragraphs: [
    'Parapet cannot read what it needs to show or take a decision.',
    'Open the link in your mail again in a minute. It then shows whether a decision was recorded.',
  ],
};

export const WRONG_METHOD: Message = {
  title: 'Not possible this way',
  paragraphs: ['Open the link in your mail with a browser.'],
};

/** One page per reason; none tells a stranger anything about the incident. `reason` is for `malformed` only. */
export function refusedMessage(
  refusal: Refusal,
  detail: {
    readonly answered?: Answered;
    readonly reason?: string;
    readonly why?: string;
    readonly votes?: VoteCount;
    readonly canSignIn?: boolean;
  },
): Message {
  switch (refusal) {
    case 'tampered':
      return message(
        'This link is not genuine',
        'Its signature does not match its content. It may have been cut by a mail program: open it from the original mail. Nothing was decided.',
      );
    case 'foreign':
      return message(
        'This link belongs to another question',
        'A link opens only the approval it was made for. Open it from its own mail. Nothing was decided.',
      );
    case 'unknown':
      return message(
        'There is no such question',
        'The address names no approval. Open the link from the original mail. Nothing was decided.',
      );
    case 'malformed':
      return message(
        'This cannot be read',
        detail.reason ?? 'The address is incomplete. Open the whole link from the original mail. Nothing was decided.',
      );
    case 'used':
      return detail.answered
        ? answeredMessage(detail.answered)
        : message('Already decided', 'A question is decided once; nothing more can be changed here.');
    case 'voted':
      return message(
        'You have decided already',
        detail.votes
          ? `Nobody counts twice, in their own name or in the place of somebody who decided. So far ${detail.votes.given} of ${detail.votes.needed} have approved; another person must decide.`
          : 'Nobody counts twice; another person must decide.',
      );
    case 'expired':
      return message(
        'The time to decide is over',
        'Silence is a rejection: it was not approved in time, so nothing is executed because of this question. If the incident still needs an answer, act by your own runbook; the ticket names the target.',
      );
    case 'replanned':
      return message(
        'The plan has changed',
        'What you were asked about is not what would be executed now, so this link is void. If the new plan needs a decision, you get another mail.',
      );
    case 'closed':
      return message(
        'The incident is over',
        'The incident was closed or its alert is no longer confirmed, so there is nothing left to decide.',
      );
    case 'not-by-link':
      return message(
        'A link may not approve this',
        `Holding a mailed link is enough for actions that are narrow and can be undone. This one needs a person that is proven${detail.why === undefined ? '' : `, because ${detail.why}`}. ${detail.canSignIn ? 'Open the link in your mail again and sign in there, or again if some time has passed; or reject it.' : 'You can still reject it: open the link in your mail again.'} Your attempt is recorded.`,
      );
    case 'not-allowed':
      return message(
        'You may not decide this',
        detail.why === undefined
          ? 'The configuration does not, or no longer, let you decide about this action on this target. Ask another approver; your attempt is recorded.'
          : `Nobody can approve what they could not do themselves. ${detail.why} Ask another approver; your attempt is recorded.`,
      );
  }
}

function answeredMessage({ name, decision, at, late, against }: Answered): Message {
  const although = against.length > 0 ? `, although ${against.join(' and ')} had approved` : '';
  const who = `${name} ${decision} this at ${readableTime(at)}${although}`;
  return late
    ? message(
        'Decided too late',
        `${who}, but it reached the workflow only after its time was over, so nothing is executed because of it. If the incident still needs an answer, act by your own runbook; the ticket names the target.`,
      )
    : message(`Already ${decision}`, `${who}. A question is decided once; nothing more can be changed here.`);
}

function message(title: string, ...paragraphs: readonly string[]): Message {
  return { title, paragraphs };
}
