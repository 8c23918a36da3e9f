import type { Approval, Decision, Vote } from './approval.ts';

/** The approval after somebody decided, or undefined: it is not, or no longer, theirs to decide. Pure: the store writes it. */
export function cast(approval: Approval, decision: Decision, now: Date): Approval | undefined {
  const open =
    approval.status === 'PENDING' &&
    approval.approvalId === decision.approvalId &&
    approval.planDigest === decision.planDigest &&
    Date.parse(approval.expiresAt) > now.getTime();
  const vote = voteOf(decision);
  if (!open || hasVoted(approval, vote)) return undefined;
  const votes = [...approval.votes, vote];
  const status = statusAfter({ ...approval, votes });
  if (status === 'PENDING') return { ...approval, votes };
  const { person: decidedBy, at: decidedAt, comment, reason } = vote;
  return {
    ...approval,
    votes,
    status,
    decidedBy,
    decidedAt,
    ...(comment === undefined ? {} : { comment }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A repeated call whose first answer was lost: exactly this vote is there already. */
export function isCast(approval: Approval, decision: Decision): boolean {
  return (
    approval.planDigest === decision.planDigest &&
    approval.votes.some(
      ({ person, decision: said, at }) =>
        person === decision.decidedBy && said === decision.decision && at === decision.decidedAt,
    )
  );
}

/** One rejection ends it, whatever others said; an approval needs the whole quorum. */
function statusAfter({ votes, quorum }: Pick<Approval, 'votes' | 'quorum'>): 'PENDING' | 'APPROVED' | 'REJECTED' {
  if (votes.some(({ decision }) => decision === 'rejected')) return 'REJECTED';
  return votes.length >= quorum ? 'APPROVED' : 'PENDING';
}

/**
 * Nobody counts twice: not the same person, and not somebody beside the one in whose place they decide, for that would be
 * one right used twice.
 */
export function hasVoted(approval: Pick<Approval, 'votes'>, voter: Pick<Vote, 'person' | 'onBehalfOf'>): boolean {
  const own = namesOf(voter);
  return approval.votes.some((vote) => namesOf(vote).some((name) => own.includes(name)));
}

function namesOf({ person, onBehalfOf }: Pick<Vote, 'person' | 'onBehalfOf'>): readonly string[] {
  return onBehalfOf === undefined ? [person] : [person, onBehalfOf];
}

function voteOf({ decidedBy, decision, decidedAt, onBehalfOf, comment, reason, channel, proof }: Decision): Vote {
  return {
    person: decidedBy,
    decision,
    at: decidedAt,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(comment === undefined ? {} : { comment }),
    ...(reason === undefined ? {} : { reason }),
    ...(channel === undefined ? {} : { channel }),
    ...(proof === undefined ? {} : { proof }),
  };
}
