import * as z from 'zod';
import { cleanText } from '../evidence/clean.ts';
import type { Outcome } from '../incident/incident.ts';
import { isSevere, severitySchema } from '../severity.ts';
import { workloadLabel } from '../workload.ts';
import { defang } from './defang.ts';
import { headlineOf, type IncidentBodies, severityOf } from './incident-document.ts';
import { shorten } from './text.ts';
import { domainsOf } from './words.ts';

/**
 * An incident in the line of those that are told together. Its words are kept as they were when it was put there, defanged
 * with the names of its own evidence, so that whoever posts the digest needs no evidence at all.
 */
export const digestEntrySchema = z.object({
  incidentId: z.string().min(1),
  /** Since when it stands there: its place, and what tells two turns of one incident apart. */
  stoodAt: z.iso.datetime(),
  severity: severitySchema,
  /** What the first alert calls it; incidents are grouped by this. */
  what: z.string(),
  headline: z.string(),
  workload: z.string(),
});
export type DigestEntry = z.infer<typeof digestEntrySchema>;

const MAX = { what: 100, headline: 240, workload: 80 } as const;

export function digestEntry(bodies: IncidentBodies, stoodAt: string): DigestEntry {
  const { incident, pack } = bodies;
  const domains = domainsOf(pack);
  const line = (text: string, limit: number) => shorten(defang(cleanText(text, { max: limit }), domains), limit);
  return {
    incidentId: incident.incidentId,
    stoodAt,
    severity: severityOf(bodies),
    what: line(alertTitle(bodies), MAX.what),
    headline: line(headlineOf(bodies), MAX.headline),
    workload: line(workloadLabel(incident.workload), MAX.workload),
  };
}

function alertTitle({ pack }: IncidentBodies): string {
  const [title] = (pack?.items ?? []).flatMap(({ fact }) => (fact.kind === 'alert' && fact.title ? [fact.title] : []));
  return title ?? 'Alert without a readable title';
}

/** Told alone, whatever else is told: what somebody must see at once. */
export function deservesOwnMessage(bodies: IncidentBodies): boolean {
  const verdict = bodies.analysis?.verdict ?? bodies.incident.verdict;
  return isSevere(severityOf(bodies)) || verdict === 'malicious';
}

/** Ends a person should hear of again: something did not work, or was not decided. The others are in the ticket. */
export function needsLookingAt(outcome: Outcome): boolean {
  switch (outcome) {
    case 'failed':
    case 'action-failed':
    case 'partially-contained':
    case 'rolled-back':
    case 'expired':
    case 'decided-too-late':
      return true;
    case 'contained':
    case 'rejected':
    case 'noted':
    case 'advice-only':
    case 'no-action-needed':
    case 'unverified':
      return false;
  }
}
