import { targetLabel } from '../actions/target.ts';
import type { Block } from './blocks.ts';
import { defangBlocks } from './defang.ts';
import {
  conclusionLine,
  driftNote,
  type IncidentBodies,
  incidentFacts,
  incidentTitle,
  settledNote,
  undoNote,
} from './incident-document.ts';
import { authorWords, domainsOf } from './words.ts';

/** What fits a phone's notification: the ticket holds the rest. `ticketUrl` is our own record, so it may be a link. */
export function incidentSummary(bodies: IncidentBodies, ticketUrl?: string): { title: string; blocks: Block[] } {
  const { analysis, plan, pack, incident } = bodies;
  const facts = incidentFacts(bodies).filter(({ label }) => SHOWN.has(label));
  const short = analysis?.tellings?.find(({ purpose }) => purpose === 'chat-summary')?.claims ?? [];
  const told = short.length > 0 ? short : (analysis?.narrative.slice(0, 3) ?? []);
  const claims = told.map(({ text, evidence }) => `${text} ${refs(evidence)}`.trim());
  const actions =
    plan?.actions.map(({ prepared, preview, gate }) => `${preview.title}: ${targetLabel(prepared.target)} (${gate})`) ??
    [];
  const notes = [driftNote(bodies), settledNote(bodies), undoNote(bodies)];
  const blocks: Block[] = [
    ...notes.flatMap((note) => (note ? [{ type: 'paragraph', text: note.mark } as const] : [])),
    ...(incident.outcome ? [{ type: 'paragraph', text: conclusionLine(incident) } as const] : []),
    { type: 'facts', rows: facts },
    ...(claims.length > 0 ? [{ type: 'bullets', items: claims } as const] : []),
    ...(actions.length > 0
      ? [{ type: 'paragraph', text: 'Planned response' } as const, { type: 'bullets', items: actions } as const]
      : []),
    ...(analysis ? [{ type: 'paragraph', text: authorWords(analysis) } as const] : []),
    ...(ticketUrl === undefined ? [] : [{ type: 'link', text: 'Ticket', url: ticketUrl } as const]),
  ];
  return { title: incidentTitle(bodies), blocks: defangBlocks(blocks, domainsOf(pack)) };
}

const SHOWN = new Set(['Incident', 'Status', 'Outcome', 'Severity', 'Verdict', 'Workload', 'Contained', 'Concluded']);

function refs(evidence: readonly string[]): string {
  return evidence.map((id) => `[${id}]`).join(' ');
}
