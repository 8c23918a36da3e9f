import type { PlannedAction, PlannedRequest } from '../../domain/actions/action.ts';
import { targetRows } from '../../domain/actions/target.ts';
import type { Approval, ApprovalPurpose, Proof } from '../../domain/approval/approval.ts';
import { whyNotByLink } from '../../domain/approval/by-link.ts';
import type { Eligible } from '../../domain/approval/eligible.ts';
import { caseOf } from '../../domain/approval/link.ts';
import { purposeOf, wayBackHeading } from '../../domain/approval/over.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { EvidenceItem, EvidencePack } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { readableDuration, readableTime } from '../../domain/publish/text.ts';
import { visible } from '../../domain/publish/visible.ts';
import { workloadLabel } from '../../domain/workload.ts';
import { type VotesView, votesView } from './votes-view.ts';

/** Everything the approval page says, as plain text: the page itself only places it. */
export interface ApprovalView {
  readonly purpose: ApprovalPurpose;
  readonly title: string;
  readonly summary: string;
  readonly person: { readonly name: string; readonly mail: string };
  /** In whose place they decide. */
  readonly onBehalfOf: string | undefined;
  readonly votes: VotesView;
  readonly proof: ProofView;
  readonly deadline: string;
  readonly deadlineIso: string;
  readonly chips: readonly string[];
  readonly target: readonly (readonly [label: string, value: string])[];
  readonly warnings: readonly string[];
  readonly blastRadius: readonly string[];
  /** Heading over `undo`. */
  readonly wayBack: string;
  readonly undo: string;
  readonly commands: readonly string[];
  readonly requests: readonly RequestView[];
  readonly inverse: readonly RequestView[];
  readonly rationale: string;
  readonly evidence: readonly EvidenceView[];
  /** Evidence ids the action cites but the page cannot show. */
  readonly missingEvidence: readonly string[];
  readonly analysis: { readonly headline: string; readonly author: string; readonly verdict: string } | undefined;
  readonly gateReasons: readonly string[];
  readonly digest: string;
  readonly incidentId: string;
  readonly approvalId: string;
}

/** What approving takes beside the link. */
export type ProofView =
  | { readonly kind: 'link' }
  /** A link may not approve it, and there is no other way. */
  | { readonly kind: 'impossible'; readonly why: string }
  | { readonly kind: 'needed'; readonly why: string }
  | { readonly kind: 'signed-in'; readonly issuer: string; readonly until: string; readonly untilIso: string };

export interface RequestView {
  readonly purpose: string;
  readonly line: string;
  readonly body: string | undefined;
}

export interface EvidenceView {
  readonly id: string;
  readonly text: string;
  readonly source: string;
}

export function approvalView(input: {
  readonly approval: Approval;
  readonly action: PlannedAction;
  readonly incident: Incident;
  readonly decider: Eligible;
  readonly config: Configuration;
  readonly pack: EvidencePack | undefined;
  readonly proof: Proof | undefined;
  readonly now: Date;
}): ApprovalView {
  const { approval, action, incident, pack, config, decider } = input;
  const { analysis } = approval;
  const { prepared, preview } = action;
  const cited = action.evidence.map((id) => ({ id, item: pack?.items.find((item) => item.id === id) }));
  const seconds = (Date.parse(approval.expiresAt) - input.now.getTime()) / 1000;
  return {
    purpose: purposeOf(approval),
    title: visible(preview.title),
    summary: visible(preview.summary),
    person: decider.person,
    onBehalfOf: decider.onBehalfOf?.name,
    votes: shownVotes(
      votesView(config, {
        approval,
        reader: decider.person.id,
        question: caseOf(config, { incident, prepared }),
      }),
    ),
    proof: proofView(config, approval, input.proof),
    deadline: `${readableTime(approval.expiresAt)} (in ${readableDuration(seconds)})`,
    deadlineIso: approval.expiresAt,
    chips: [
      `severity ${incident.severity}`,
      ...(incident.verdict ? [`verdict ${incident.verdict}`] : []),
      ...(incident.confirmed ? ['alert confirmed by its vendor'] : []),
    ],
    target: [
      ['Action', prepared.action],
      ...targetRows(prepared.target).map(([name, value]) => [name, visible(value)] as const),
      ...Object.entries(prepared.parameters).map(([name, value]) => [visible(name), visible(value)] as const),
      ['Incident', `${incident.incidentId}, ${visible(workloadLabel(incident.workload))}`],
    ],
    warnings: preview.warnings.map(visible),
    blastRadius: preview.blastRadius.map(visible),
    wayBack: wayBackHeading(approval),
    undo: visible(preview.undo),
    commands: preview.commands.map(visible),
    requests: prepared.requests.map(requestView),
    inverse: prepared.inverse.map(requestView),
    rationale: visible(action.rationale),
    evidence: cited.flatMap(({ item }) => (item ? [evidenceView(item)] : [])),
    missingEvidence: cited.filter(({ item }) => item === undefined).map(({ id }) => id),
    analysis: analysis && {
      headline: visible(analysis.headline),
      author: visible(analysis.author),
      verdict: analysis.verdict,
    },
    gateReasons: action.gateReasons.map(visible),
    digest: approval.planDigest,
    incidentId: incident.incidentId,
    approvalId: approval.approvalId,
  };
}

function proofView(config: Configuration, { action }: Approval, proof: Proof | undefined): ProofView {
  const why = whyNotByLink(config, action);
  const { signIn } = config.approvals;
  if (why === undefined) return { kind: 'link' };
  if (signIn === undefined) return { kind: 'impossible', why };
  if (proof === undefined) return { kind: 'needed', why };
  const untilIso = new Date(Date.parse(proof.authenticatedAt) + signIn.maxAgeSeconds * 1000).toISOString();
  return { kind: 'signed-in', issuer: new URL(proof.issuer).host, until: readableTime(untilIso), untilIso };
}

function shownVotes(votes: VotesView): VotesView {
  return { ...votes, said: votes.said.map(visible) };
}

function requestView({ method, path, contentType, body, purpose }: PlannedRequest): RequestView {
  return {
    purpose: visible(purpose),
    line: visible(`${method} ${path}${contentType === undefined ? '' : `\nContent-Type: ${contentType}`}`),
    body: body === undefined ? undefined : visible(JSON.stringify(body, null, 2)),
  };
}

function evidenceView({ id, text, source, field, trust, observedAt }: EvidenceItem): EvidenceView {
  const origin = `${source.replaceAll('_', ' ')}, ${field}, ${readableTime(observedAt)}`;
  return {
    id,
    text: visible(text),
    source: visible(
      trust === 'attacker_influenced' ? `${origin}; the workload could have written this text itself` : origin,
    ),
  };
}
