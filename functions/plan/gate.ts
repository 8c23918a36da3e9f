import type { Gate } from '../../domain/actions/action.ts';
import type { ActionTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction, Verdict } from '../../domain/analysis/analysis.ts';
import { whyNotByLink } from '../../domain/approval/by-link.ts';
import { eligiblePeople, idOf, voicesOf } from '../../domain/approval/eligible.ts';
import { policyFor } from '../../domain/approval/policy.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type Placement, rolloutOf } from '../../domain/config/scope.ts';
import { type Severity, severityRank } from '../../domain/severity.ts';

export interface GateQuestion {
  readonly action: ExecutableAction;
  readonly reversible: boolean;
  readonly target: ActionTarget;
  readonly place: Placement;
  readonly confirmed: boolean;
  readonly severity: Severity;
  readonly verdict: Verdict;
  readonly now: Date;
}

export interface GateAnswer {
  readonly gate: Gate;
  /** Sentences for people: why it is asked, or why it is only suggested. */
  readonly reasons: readonly string[];
  readonly approvers: readonly string[];
  readonly expiresAfterSeconds: number;
}

/**
 * Whether people are asked. Every condition must hold; each that does not is named. There is no path to `automatic`
 * yet: the phase `automate` asks as `assist` does and says so (closed by default, rule 9).
 */
export function gateOf(config: Configuration, question: GateQuestion): GateAnswer {
  const { action, place } = question;
  const { phase } = rolloutOf(config, place);
  const byLink = whyNotByLink(config, action);
  const { quorum, quorumReason, expiresAfterSeconds } = policyFor(config, question);
  const people = eligiblePeople(config, question, question.now);
  const approvers = people.map(idOf);
  const against = [
    question.confirmed ? undefined : 'The vendor did not confirm the alert, so it can lead to no action.',
    question.verdict === 'malicious' || question.verdict === 'suspicious'
      ? undefined
      : `The verdict is ${question.verdict}; actions are proposed for malicious and suspicious incidents only.`,
    severityRank(question.severity) >= severityRank(config.incidents.minimumSeverityToAct)
      ? undefined
      : `Severity ${question.severity} is below the configured minimum ${config.incidents.minimumSeverityToAct}.`,
    question.reversible || quorum > 1
      ? undefined
      : 'The action cannot be undone, so that more than one person must approve it; the approval policy asks for one.',
    byLink === undefined
      ? undefined
      : `It cannot be approved by a link, because ${byLink}; Parapet has no other way to prove who approves.`,
    phase === 'observe' ? 'The rollout phase here is observe: Parapet shows what it would have done.' : undefined,
    config.actions[action]?.gate === 'ask' ? undefined : 'The configuration lets this action be suggested only.',
    approvers.length > 0 ? undefined : 'Nobody in the configuration may approve this action here.',
    approvers.length === 0 || voicesOf(people) >= quorum
      ? undefined
      : `${quorum} different people must approve this action, because ${quorumReason}; the configuration lets only ${voicesOf(people)}.`,
  ].filter((reason) => reason !== undefined);
  if (against.length > 0) return { gate: 'suggest', reasons: against, approvers: [], expiresAfterSeconds };
  const reason =
    phase === 'automate'
      ? 'The rollout phase here is automate, but this version never acts without a person: people are asked.'
      : 'The rollout phase here is assist: people are asked.';
  const eyes = quorum > 1 ? [`${quorum} different people must approve, because ${quorumReason}.`] : [];
  return { gate: 'ask', reasons: [reason, ...eyes], approvers, expiresAfterSeconds };
}
