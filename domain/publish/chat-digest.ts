import type { IncidentStatus, Outcome } from '../incident/incident.ts';
import { maxSeverity, SEVERITIES, type Severity, severityRank } from '../severity.ts';
import type { Block } from './blocks.ts';
import type { DigestEntry } from './digest-entry.ts';
import { needsLookingAt } from './digest-entry.ts';
import { outcomeWords, statusWords } from './words.ts';

/** An incident of a digest, as it stands when that is posted. */
export interface DigestIncident {
  readonly entry: DigestEntry;
  /** Absent: the incident could not be found; it is told all the same. */
  readonly now?:
    | { readonly severity: Severity; readonly status: IncidentStatus; readonly outcome?: Outcome | undefined }
    | undefined;
  readonly ticket?: { readonly key: string; readonly url?: string | undefined } | undefined;
}

/** What one message may show and still be read on a phone; far below the 50 blocks Slack takes. */
const SHOWN = { kinds: 8, workloads: 2, incidents: 15 } as const;

/**
 * One message for many incidents: how many of what, where, and the most severe of them with id and ticket. `more`: others
 * stand in the line behind them. `perMinute` is the configured rate, so that a reader knows why this is no list of messages.
 */
export function chatDigest(
  told: readonly DigestIncident[],
  { perMinute, more }: { readonly perMinute: number; readonly more: boolean },
): { title: string; blocks: Block[] } {
  const shown = [...told].sort(byUrgency).slice(0, SHOWN.incidents);
  const left = told.length - shown.length;
  return {
    title: `${counted(told.length, 'incident')}: ${severities(told)}`,
    blocks: [
      paragraph(
        `More than ${counted(perMinute, 'message')} in a minute, so these are told together. Each is investigated by itself: see its ticket, or parapet incident ID.`,
      ),
      heading('What was reported'),
      ...kinds(told),
      heading(left > 0 ? `The first ${shown.length}, most severe first` : 'Most severe first'),
      ...shown.map(incidentLine),
      ...(left > 0 ? [paragraph(`… and ${left} more: parapet incidents lists every one.`)] : []),
      ...(more ? [paragraph('Others wait behind them; the next digest comes in a minute.')] : []),
    ],
  };
}

function severities(told: readonly DigestIncident[]): string {
  return [...SEVERITIES]
    .reverse()
    .flatMap((severity) => {
      const count = told.filter((one) => severityNow(one) === severity).length;
      return count === 0 ? [] : [`${count} ${severity}`];
    })
    .join(', ');
}

/** One line a block: a hostile title that is cut cannot take the lines after it along. */
function kinds(told: readonly DigestIncident[]): Block[] {
  const byKind = new Map<string, DigestIncident[]>();
  for (const one of told) byKind.set(one.entry.what, [...(byKind.get(one.entry.what) ?? []), one]);
  const groups = [...byKind].sort(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1));
  const rest = groups.slice(SHOWN.kinds);
  return [
    ...groups.slice(0, SHOWN.kinds).map(([what, group]): Block => {
      const places = [...new Set(group.map(({ entry }) => entry.workload))];
      return { type: 'bullets', items: [`${group.length}× ${what}: ${listed(places)}`] };
    }),
    ...(rest.length > 0
      ? [
          paragraph(
            `… and ${counted(rest.length, 'more kind')} of alert (${counted(sum(rest.map(([, group]) => group.length)), 'incident')}).`,
          ),
        ]
      : []),
  ];
}

function listed(places: readonly string[]): string {
  const rest = places.length - SHOWN.workloads;
  const named = places.slice(0, SHOWN.workloads).join(', ');
  return rest > 0 ? `${named} and ${counted(rest, 'other workload')}` : named;
}

/** Key and id come first: whatever is cut, they stay. The ticket is our own record, so it may be a link. */
function incidentLine(one: DigestIncident): Block {
  const { entry, ticket } = one;
  const key = ticket === undefined ? '' : `${ticket.key} `;
  const text = `[${severityNow(one)}] ${key}${entry.incidentId}: ${entry.headline}${ending(one)}`;
  return ticket?.url === undefined ? paragraph(text) : { type: 'link', text, url: ticket.url };
}

function ending({ now }: DigestIncident): string {
  if (now?.outcome !== undefined) return ` (${outcomeWords(now.outcome)})`;
  return now?.status === 'awaiting-decision' || now?.status === 'failed' ? ` (${statusWords(now.status)})` : '';
}

function byUrgency(a: DigestIncident, b: DigestIncident): number {
  return (
    severityRank(severityNow(b)) - severityRank(severityNow(a)) ||
    Number(waitsForAPerson(b)) - Number(waitsForAPerson(a)) ||
    (placeOf(a) < placeOf(b) ? -1 : 1)
  );
}

function waitsForAPerson({ now }: DigestIncident): boolean {
  if (now === undefined) return false;
  if (now.outcome !== undefined) return needsLookingAt(now.outcome);
  return now.status === 'awaiting-decision' || now.status === 'failed';
}

function placeOf({ entry }: DigestIncident): string {
  return `${entry.stoodAt}#${entry.incidentId}`;
}

/** Severity is only ever raised by what came later (rule 1). */
function severityNow({ entry, now }: DigestIncident): Severity {
  return now === undefined ? entry.severity : maxSeverity(entry.severity, now.severity);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function paragraph(text: string): Block {
  return { type: 'paragraph', text };
}

function heading(text: string): Block {
  return { type: 'heading', text };
}
