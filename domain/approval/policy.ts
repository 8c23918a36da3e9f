import type { ActionTarget } from '../actions/target.ts';
import { whyFourEyes } from '../actions/traits.ts';
import type { ApproverGroup } from '../config/approvals.ts';
import type { Configuration } from '../config/schema.ts';
import { type RightQuestion, rolloutOf, ruleMatches } from '../config/scope.ts';
import { isOnDuty } from './duty.ts';
import { type Eligible, idOf, voicesOf } from './eligible.ts';

export interface ApprovalPolicy {
  /** Different people who must approve. */
  readonly quorum: number;
  /** Why it is so many, for people. */
  readonly quorumReason: string;
  readonly expiresAfterSeconds: number;
  /** undefined: once, when a third of the time is left. */
  readonly remindBeforeExpirySeconds: readonly number[] | undefined;
  /** Groups in the order they are asked; undefined: everybody at once. */
  readonly groups: readonly ApproverGroup[] | undefined;
  readonly escalateAfterSeconds: number | undefined;
}

/** What the configuration demands of an approval of this action on this target. */
export function policyFor(
  config: Configuration,
  question: RightQuestion & { readonly target: ActionTarget },
): ApprovalPolicy {
  const rule = config.approvals.policy.find((candidate) => ruleMatches(candidate, question));
  return {
    ...quorumOf(rule?.quorum, question),
    expiresAfterSeconds: rule?.expiresAfterSeconds ?? rolloutOf(config, question.place).expiresAfterSeconds,
    remindBeforeExpirySeconds: rule?.remindBeforeExpirySeconds,
    groups: rule?.ask?.flatMap((id) => config.approvals.groups.find((group) => group.id === id) ?? []),
    escalateAfterSeconds: rule?.escalateAfterSeconds,
  };
}

function quorumOf(
  configured: number | undefined,
  { action, target }: Pick<RightQuestion, 'action'> & { readonly target: ActionTarget },
): Pick<ApprovalPolicy, 'quorum' | 'quorumReason'> {
  if (configured !== undefined) return { quorum: configured, quorumReason: 'the approval policy says so' };
  const why = whyFourEyes(action, target);
  return why === undefined
    ? { quorum: 1, quorumReason: 'it is narrow and can be undone' }
    : { quorum: 2, quorumReason: why };
}

/** Who is asked at once, and which groups later, if nothing is decided. */
export interface Asking {
  readonly now: readonly Eligible[];
  readonly later: readonly string[];
}

/**
 * The first group on duty is asked, with as many of the next ones as the quorum needs. Is none of them on duty, or are they
 * too few, all of them are asked, and then everybody who may decide: a question that reaches nobody would be a rejection
 * nobody chose, and asking more people gives nobody a right they do not have.
 */
export function whomToAsk(
  { groups, quorum }: Pick<ApprovalPolicy, 'groups' | 'quorum'>,
  eligible: readonly Eligible[],
  now: Date,
): Asking {
  if (groups === undefined) return { now: eligible, later: [] };
  const onDuty = groups.filter(({ duty }) => isOnDuty(duty, now));
  let asked: readonly Eligible[] = [];
  for (const [index, group] of onDuty.entries()) {
    asked = membersOf(eligible, onDuty.slice(0, index + 1));
    if (membersOf(eligible, [group]).length === 0 || voicesOf(asked) < quorum) continue;
    return {
      now: asked,
      later: groups.filter((other) => !onDuty.slice(0, index + 1).includes(other)).map(({ id }) => id),
    };
  }
  const all = membersOf(eligible, groups);
  return { now: voicesOf(all) >= quorum ? all : eligible, later: [] };
}

export function membersOf(
  eligible: readonly Eligible[],
  groups: readonly Pick<ApproverGroup, 'members'>[],
): readonly Eligible[] {
  return eligible.filter((one) => groups.some(({ members }) => members.includes(idOf(one))));
}
