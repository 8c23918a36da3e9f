import type { PlannedAction } from '../actions/action.ts';
import { targetRows } from '../actions/target.ts';
import type { Approval } from '../approval/approval.ts';
import { whyNotByLink } from '../approval/by-link.ts';
import { purposeOf, wayBackHeading } from '../approval/over.ts';
import type { Configuration } from '../config/schema.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { Incident } from '../incident/incident.ts';
import { workloadLabel } from '../workload.ts';
import type { Block } from './blocks.ts';
import { defang, defangBlocks } from './defang.ts';
import { readableTime } from './text.ts';
import { visible } from './visible.ts';
import { domainsOf } from './words.ts';

export interface QuestionWords {
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Something can still be decided. */
  readonly open: boolean;
  /** Why approving takes more than a link or a click. */
  readonly notByLink: string | undefined;
}

/** What a channel says about a question, from the one record of it: what, on what, why, how it is undone, and what became of it. */
export function questionWords(of: {
  readonly config: Configuration;
  readonly approval: Approval;
  readonly incident: Incident;
  /** undefined: what was asked about cannot be read any more, and a channel must not show something else instead. */
  readonly action: PlannedAction | undefined;
  readonly pack: EvidencePack | undefined;
  readonly pageUrl: string;
}): QuestionWords {
  const { config, approval, incident, action, pack } = of;
  const domains = domainsOf(pack);
  const open = approval.status === 'PENDING' && action !== undefined;
  const byLink = whyNotByLink(config, approval.action);
  const blocks: Block[] = [
    ...(open ? [] : [paragraph(becameOf(config, approval))]),
    { type: 'facts', rows: rowsOf(of) },
    ...(action === undefined ? [] : planned(approval, action, open)),
    ...votesOf(config, approval),
    ...(open
      ? [paragraph(howToDecide(config, byLink)), { type: 'link', text: 'Approval page', url: of.pageUrl } as const]
      : []),
  ];
  return {
    title: `[${incident.severity}] ${STATES[approval.status]}: ${defang(visible(action?.preview.title ?? approval.action), domains)}`,
    blocks: defangBlocks(blocks.map(readable), domains),
    open,
    notByLink: byLink,
  };
}

const STATES: Readonly<Record<Approval['status'], string>> = {
  PENDING: 'Decision needed',
  APPROVED: 'Approved',
  REJECTED: 'Rejected',
  EXPIRED: 'Not decided in time',
  REPLANNED: 'Plan changed',
  CLOSED: 'No longer asked',
};

function becameOf(config: Configuration, approval: Approval): string {
  const who = approval.decidedBy === undefined ? 'somebody' : nameOf(config, approval.decidedBy);
  const when = approval.decidedAt === undefined ? '' : ` at ${readableTime(approval.decidedAt)}`;
  switch (approval.status) {
    case 'APPROVED':
      return approval.delivery === 'late'
        ? `Approved by ${who}${when}, but too late: nothing is executed because of it.`
        : `Approved by ${who}${when}. What became of it stands in the ticket and in the message of the incident.`;
    case 'REJECTED':
      return `Rejected by ${who}${when}. ${untouched(approval)}${approval.comment === undefined ? '' : ` Comment: ${oneLine(approval.comment)}`}`;
    case 'EXPIRED':
      return `Nobody decided before ${readableTime(approval.expiresAt)}. ${untouched(approval)}`;
    case 'REPLANNED':
      return 'What was asked about is not what would be executed now, so this question is void.';
    case 'CLOSED':
      return 'The incident was closed, so there is nothing left to decide.';
    case 'PENDING':
      return 'What was asked about cannot be read, so it cannot be decided here.';
  }
}

function untouched(approval: Approval): string {
  return purposeOf(approval) === 'undo' ? 'Nothing is put back.' : 'It is not executed.';
}

function rowsOf(of: {
  readonly approval: Approval;
  readonly incident: Incident;
  readonly action: PlannedAction | undefined;
}): { readonly label: string; readonly value: string }[] {
  const { approval, incident, action } = of;
  return [
    { label: 'Action', value: purposeOf(approval) === 'undo' ? `undo of ${approval.action}` : approval.action },
    ...(action === undefined ? [] : targetRows(action.prepared.target).map(([label, value]) => ({ label, value }))),
    { label: 'Incident', value: `${incident.incidentId}, ${workloadLabel(incident.workload)}` },
    { label: 'Until', value: readableTime(approval.expiresAt) },
    { label: 'Plan', value: approval.planDigest.slice(0, 16) },
  ];
}

function planned(approval: Approval, { preview, rationale, evidence }: PlannedAction, open: boolean): Block[] {
  if (!open) return [];
  return [
    paragraph(preview.summary),
    paragraph(`Why: ${rationale} ${evidence.map((id) => `[${id}]`).join(' ')}`.trim()),
    ...bullets('What it reaches', preview.blastRadius),
    ...bullets('Mind', preview.warnings),
    paragraph(wayBackHeading(approval)),
    { type: 'code', text: preview.undo },
  ];
}

function votesOf(config: Configuration, { quorum, votes }: Approval): Block[] {
  if (quorum === 1) return [];
  const approved = votes.filter(({ decision }) => decision === 'approved');
  const said = votes.map(({ person, decision, at }) => `${nameOf(config, person)} ${decision} at ${readableTime(at)}`);
  const count = `${approved.length} of ${quorum} different people have approved. One rejection ends it.`;
  return [paragraph(count), ...(said.length === 0 ? [] : [{ type: 'bullets', items: said } as const])];
}

function howToDecide({ approvals }: Configuration, byLink: string | undefined): string {
  const page = 'Approvers open the page with the link in their own mail; the address below shows nothing without it.';
  return byLink === undefined
    ? `Whoever may decide is recorded by name; being in this channel is no right. ${page}`
    : `It cannot be approved by a link or a click, because ${byLink}. ${approvals.signIn === undefined ? 'It can be rejected.' : 'Who approves signs in on the approval page; anybody who was asked can reject it here.'} ${page}`;
}

function bullets(title: string, items: readonly string[]): Block[] {
  return items.length === 0 ? [] : [paragraph(title), { type: 'bullets', items }];
}

function paragraph(text: string): Block {
  return { type: 'paragraph', text };
}

function nameOf(config: Configuration, id: string): string {
  return config.approvers.find((person) => person.id === id)?.name ?? id;
}

/** What people decide about must not read as something else. Links are ours. */
function readable(block: Block): Block {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
    case 'code':
      return { ...block, text: visible(block.text) };
    case 'bullets':
      return { ...block, items: block.items.map(visible) };
    case 'facts':
      return {
        ...block,
        rows: block.rows.map(({ label, value }) => ({ label: visible(label), value: visible(value) })),
      };
    case 'link':
      return block;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
