import type { Gate } from '../../domain/actions/action.ts';
import type { ActionTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction, Verdict } from '../../domain/analysis/analysis.ts';
import { eligiblePeople, idOf, voicesOf } from '../../domain/approval/eligible.ts';
import { policyFor } from '../../domain/approval/policy.ts';
import { signInFor, whyNobodyCouldProve } from '../../domain/approval/proof.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type Placement, rolloutOf } from '../../domain/config/scope.ts';
import type { Assessment } from '../../domain/playbooks/assessment.ts';
import { whyNotAutomatic } from '../../domain/playbooks/automatic.ts';
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
  /** Of the playbook that is named for it here, if one is. */
  readonly assessment?: Assessment | undefined;
}

export interface GateAnswer {
  readonly gate: Gate;
  /** Sentences for people: why it is asked, or why it is only suggested. */
  readonly reasons: readonly string[];
  readonly approvers: readonly string[];
  readonly expiresAfterSeconds: number;
}

/**
 * Whether people are asked, or a playbook acts by itself. Every condition must hold; each that does not is named. What may not be
 * automatic is asked, and what nobody may be asked is suggested (closed by default, rule 9).
 */
export function gateOf(config: Configuration, question: GateQuestion): GateAnswer {
  const { assessment } = question;
  const { phase } = rolloutOf(config, question.place);
  const { quorum, quorumReason, expiresAfterSeconds } = policyFor(config, question);
  const people = eligiblePeople(config, question, question.now);
  const approvers = people.map(idOf);
  const against = whyNotAtAll(config, question, phase);
  const nobody = whyNobodyIsAsked(config, question, people);
  const notAutomatic = whyNotAutomatic(config, { ...question, assessment });
  if (against.length + notAutomatic.length === 0) {
    const held = (assessment?.conditions ?? []).map(({ what }) => what).join('; ');
    return {
      gate: 'automatic',
      reasons: [`Playbook ${assessment?.playbook} acts by itself here, because ${held}.`],
      approvers: nobody.length === 0 ? approvers : [],
      expiresAfterSeconds,
    };
  }
  const unmet = phase === 'automate' ? notAutomatic : [];
  if (against.length + nobody.length > 0) {
    const reasons = [...new Set([...against, ...nobody, ...unmet])];
    return { gate: 'suggest', reasons, approvers: [], expiresAfterSeconds };
  }
  const reason =
    phase === 'automate'
      ? `People are asked, although the rollout phase here is automate. ${unmet.join(' ')}`
      : 'The rollout phase here is assist: people are asked.';
  const eyes = quorum > 1 ? [`${quorum} different people must approve, because ${quorumReason}.`] : [];
  return { gate: 'ask', reasons: [reason, ...eyes], approvers, expiresAfterSeconds };
}

/** What speaks against doing it in any way. */
function whyNotAtAll(config: Configuration, question: GateQuestion, phase: string): readonly string[] {
  const { verdict, assessment } = question;
  // A playbook's own conditions are stricter than a verdict, and some of what they are about is no attack at all.
  const calls = verdict === 'malicious' || verdict === 'suspicious' || assessment?.holds === true;
  return [
    question.confirmed ? undefined : 'The vendor did not confirm the alert, so it can lead to no action.',
    calls ? undefined : `The verdict is ${verdict}; actions are proposed for malicious and suspicious incidents only.`,
    severityRank(question.severity) >= severityRank(config.incidents.minimumSeverityToAct)
      ? undefined
      : `Severity ${question.severity} is below the configured minimum ${config.incidents.minimumSeverityToAct}.`,
    phase === 'observe' ? 'The rollout phase here is observe: Parapet shows what it would have done.' : undefined,
    config.actions[question.action]?.gate === 'ask'
      ? undefined
      : 'The configuration lets this action be suggested only.',
  ].filter((reason) => reason !== undefined);
}

/** What speaks against asking anybody. */
function whyNobodyIsAsked(
  config: Configuration,
  question: GateQuestion,
  people: ReturnType<typeof eligiblePeople>,
): readonly string[] {
  const { action } = question;
  const { quorum, quorumReason } = policyFor(config, question);
  return [
    question.reversible || quorum > 1
      ? undefined
      : 'The action cannot be undone, so that more than one person must approve it; the approval policy asks for one.',
    sentence(whyNobodyCouldProve(config, action)),
    people.length > 0
      ? undefined
      : `Nobody in the configuration may approve this action here${byProof(config, action)}.`,
    people.length === 0 || voicesOf(people) >= quorum
      ? undefined
      : `${quorum} different people must approve this action, because ${quorumReason}; the configuration lets only ${voicesOf(people)}${byProof(config, action)}.`,
  ].filter((reason) => reason !== undefined);
}

function sentence(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

/** Who has the right but no `oidcSubject` is not counted; the reason must say so, or nobody finds out. */
function byProof(config: Configuration, action: ExecutableAction): string {
  return signInFor(config, action) === undefined ? '' : ' and can sign in';
}
