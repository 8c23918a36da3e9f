import type { ActionTarget } from '../../domain/actions/target.ts';
import type { Approval, Vote } from '../../domain/approval/approval.ts';
import { policyFor } from '../../domain/approval/policy.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { RightQuestion } from '../../domain/config/scope.ts';
import { readableTime } from '../../domain/publish/text.ts';

/** How far the votes have come, as plain text. */
export interface VotesView {
  readonly needed: number;
  readonly given: number;
  /** Why more than one person must approve, where it is known. */
  readonly reason: string | undefined;
  readonly said: readonly string[];
  /** Names of those who were asked and have not decided, without the reader. */
  readonly mayStill: readonly string[];
}

export interface VoteCount {
  readonly given: number;
  readonly needed: number;
}

export function countOf({ votes, quorum }: Approval): VoteCount {
  return { given: votes.filter(({ decision }) => decision === 'approved').length, needed: quorum };
}

export function votesView(
  config: Configuration,
  of: {
    readonly approval: Approval;
    readonly reader: string;
    readonly question: RightQuestion & { readonly target: ActionTarget };
  },
): VotesView {
  const { approval, reader } = of;
  const policy = policyFor(config, of.question);
  const decided = new Set([reader, ...approval.votes.map(({ person }) => person)]);
  return {
    ...countOf(approval),
    // The policy may have changed since it was asked; then its reason is not that of this question.
    reason: approval.quorum > 1 && policy.quorum === approval.quorum ? policy.quorumReason : undefined,
    said: approval.votes.map((vote) => sentenceOf(config, vote)),
    mayStill: approval.approvers.filter((id) => !decided.has(id)).map((id) => nameOf(config, id)),
  };
}

function sentenceOf(config: Configuration, { person, decision, at, onBehalfOf, comment }: Vote): string {
  const instead = onBehalfOf === undefined ? '' : ` in place of ${nameOf(config, onBehalfOf)}`;
  const words = comment === undefined ? '' : `: ${comment}`;
  return `${nameOf(config, person)}${instead} ${decision} at ${readableTime(at)}${words}`;
}

export function namesOf(config: Configuration, { votes }: Approval, decision: Vote['decision']): readonly string[] {
  return votes.filter((vote) => vote.decision === decision).map(({ person }) => nameOf(config, person));
}

function nameOf(config: Configuration, id: string): string {
  return config.approvers.find((approver) => approver.id === id)?.name ?? id;
}
