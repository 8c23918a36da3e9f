import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { Block } from '../../../domain/publish/blocks.ts';
import { toAdf } from './adf.ts';

/** What a ticket says at one stage; `comment` is added once, with `commentMark` as its first words. */
export interface TicketContent {
  readonly incidentId: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly comment?: { readonly mark: string; readonly blocks: readonly Block[] };
  /** A page about the incident that is ours; shown beside the ticket. */
  readonly link?: { readonly url: string; readonly title: string };
}

export const PROPERTY_KEY = 'parapetIncident';

/** What our issue is found by: labels allow no spaces and are searchable, an entity property is not without indexing. */
export function labelOf(incidentId: string): string {
  return `parapet-${sha256Hex(incidentId).slice(0, 24)}`;
}

/** Both values are of closed alphabets (project key from the validated configuration, hex), so nothing can break out of the quotes. */
export function jqlFor(project: string, incidentId: string): string {
  return `project = "${project}" AND labels = "${labelOf(incidentId)}" ORDER BY created ASC`;
}

export function createBody(
  ticket: TicketContent,
  place: { readonly project: string; readonly issueTypeId: string },
): Readonly<Record<string, unknown>> {
  return {
    fields: {
      project: { key: place.project },
      issuetype: { id: place.issueTypeId },
      summary: summaryOf(ticket.title),
      description: toAdf(ticket.blocks),
      labels: ['parapet', labelOf(ticket.incidentId)],
    },
    properties: [{ key: PROPERTY_KEY, value: { id: ticket.incidentId, version: 1 } }],
  };
}

export function updateBody(ticket: TicketContent): Readonly<Record<string, unknown>> {
  return { fields: { summary: summaryOf(ticket.title), description: toAdf(ticket.blocks) } };
}

export function commentBody(comment: NonNullable<TicketContent['comment']>): Readonly<Record<string, unknown>> {
  return { body: toAdf([{ type: 'paragraph', text: comment.mark }, ...comment.blocks]) };
}

/** With a `globalId` Jira creates or updates, so this can be repeated. */
export function remoteLinkBody(
  incidentId: string,
  link: NonNullable<TicketContent['link']>,
): Readonly<Record<string, unknown>> {
  return {
    globalId: `parapet=${incidentId}`,
    application: { name: 'Parapet' },
    object: { url: link.url, title: link.title },
  };
}

/** Jira refuses a summary with a line break or above 255 characters. */
function summaryOf(title: string): string {
  return title.replace(/\s+/g, ' ').trim().toWellFormed().slice(0, 255).toWellFormed();
}
