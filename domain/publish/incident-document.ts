import type { Plan } from '../actions/action.ts';
import { targetLabel } from '../actions/target.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { analysisBlocks } from '../analysis/render.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { Incident } from '../incident/incident.ts';
import type { Acted } from '../playbooks/acted.ts';
import { maxSeverity, type Severity } from '../severity.ts';
import { type Undone, undoHeadline, undoWords } from '../undo/undo.ts';
import { changed, type Watch, watchWords } from '../watch/watch.ts';
import { workloadLabel } from '../workload.ts';
import type { Block } from './blocks.ts';
import { defang, defangBlocks } from './defang.ts';
import { readableTime, shorten } from './text.ts';
import { domainsOf, outcomeWords, statusWords } from './words.ts';

/** Everything that is known about an incident when it is published; what could not be read is absent and said to be. */
export interface IncidentBodies {
  readonly incident: Incident;
  readonly analysis?: Analysis | undefined;
  readonly pack?: EvidencePack | undefined;
  readonly plan?: Plan | undefined;
  /** Later looks at what was done. */
  readonly watches?: readonly Watch[] | undefined;
  /** What was put back, or was to be, because somebody asked for it. */
  readonly undos?: readonly Undone[] | undefined;
  /** What playbooks did without a person, as it was verified. */
  readonly acted?: readonly Acted[] | undefined;
}

/** One line for a list of tickets. Jira refuses a summary above 255 characters and one with a line break. */
export function incidentTitle({ incident, analysis, pack }: IncidentBodies): string {
  const line = `[${severityOf({ incident, analysis })}] ${headlineOf({ incident, analysis })}`;
  return shorten(defang(line.replace(/\s+/g, ' ').trim(), domainsOf(pack)), 250);
}

export function headlineOf({ incident, analysis }: Pick<IncidentBodies, 'incident' | 'analysis'>): string {
  return analysis?.headline ?? incident.headline ?? `Alert on ${workloadLabel(incident.workload)}`;
}

/** The worse of what the alerts said and what the analysis found: a list must never show less than its incident is. */
export function severityOf({ incident, analysis }: Pick<IncidentBodies, 'incident' | 'analysis'>): Severity {
  return analysis ? maxSeverity(incident.severity, analysis.severity) : incident.severity;
}

/** The whole ticket. Never holds an approval link: links go to approvers, one each (docs/decisions/0003). */
export function incidentDocument(bodies: IncidentBodies): Block[] {
  const { analysis, pack, plan, watches = [], undos = [] } = bodies;
  const blocks: Block[] = [
    { type: 'facts', rows: incidentFacts(bodies) },
    ...(analysis && pack
      ? analysisBlocks(analysis, pack)
      : [paragraph('The analysis could not be read when this was written; see the incident in Parapet.')]),
    ...(plan ? planBlocks(plan) : [paragraph('No plan was made, or it could not be read.')]),
    ...watchBlocks(watches),
    ...undoBlocks(undos),
  ];
  return defangBlocks(blocks, domainsOf(pack));
}

/** When it reached which milestone, for the comment people get who already read the ticket. */
export function conclusionFacts(incident: Incident): Block {
  return { type: 'facts', rows: timeRows(incident) };
}

/** What is told beside the document: `mark` is a sentence of its own, by which it is known again. */
export interface Note {
  readonly mark: string;
  readonly blocks: Block[];
}

/** That something no longer holds, for the comment; undefined when everything does. */
export function driftNote({ incident, watches = [], undos = [], pack }: IncidentBodies): Note | undefined {
  // What somebody had put back is not meant to hold any more.
  const undone = new Set(undos.flatMap(({ actionId, result }) => (result === 'undone' ? [actionId] : [])));
  const drifted = changed(watches, 'drifted').filter(({ actionId }) => !undone.has(actionId));
  if (drifted.length === 0) return undefined;
  const which = drifted.map(({ actionId, watch }) => `${actionId} after ${watch}`).join(', ');
  const blocks: Block[] = [{ type: 'bullets', items: drifted.map(watchWords) }];
  return {
    mark: `Parapet incident ${incident.incidentId}: what was contained no longer holds (${which}).`,
    blocks: defangBlocks(blocks, domainsOf(pack)),
  };
}

/** That what held only in part has come to hold; undefined when nothing has, or something has drifted since. */
export function settledNote(bodies: IncidentBodies): Note | undefined {
  const { incident, watches = [], pack } = bodies;
  const settled = changed(watches, 'settled');
  if (settled.length === 0 || driftNote(bodies) !== undefined) return undefined;
  const which = settled.map(({ actionId, watch }) => `${actionId} after ${watch}`).join(', ');
  return {
    mark: `Parapet incident ${incident.incidentId}: what held only in part holds now (${which}).`,
    blocks: defangBlocks([{ type: 'bullets', items: settled.map(watchWords) }], domainsOf(pack)),
  };
}

/** How the newest roll-back on demand ended; undefined when there was none. */
export function undoNote({ incident, undos = [], pack }: IncidentBodies): Note | undefined {
  const newest = undos.at(-1);
  if (newest === undefined) return undefined;
  const { actionId, attempt, decidedBy } = newest;
  const blocks: Block[] = [
    { type: 'bullets', items: [undoWords(newest), ...(decidedBy === undefined ? [] : [`Decided by ${decidedBy}.`])] },
  ];
  return {
    mark: `Parapet incident ${incident.incidentId}: ${undoHeadline(newest)} (${actionId}, request ${attempt}).`,
    blocks: defangBlocks(blocks, domainsOf(pack)),
  };
}

export function conclusionLine(incident: Incident): string {
  const outcome = incident.outcome ? outcomeWords(incident.outcome) : statusWords(incident.status);
  return `Parapet incident ${incident.incidentId} is ${incident.status}: ${outcome}.`;
}

export function incidentFacts({ incident, analysis }: IncidentBodies): { label: string; value: string }[] {
  const verdict = analysis?.verdict ?? incident.verdict;
  return [
    { label: 'Incident', value: incident.incidentId },
    { label: 'Status', value: statusWords(incident.status) },
    ...(incident.outcome ? [{ label: 'Outcome', value: outcomeWords(incident.outcome) }] : []),
    { label: 'Severity', value: severityOf({ incident, analysis }) },
    ...(verdict
      ? [{ label: 'Verdict', value: `${verdict}${analysis ? ` (confidence ${analysis.confidence})` : ''}` }]
      : []),
    { label: 'Workload', value: workloadLabel(incident.workload) },
    {
      label: 'Source',
      value: `${incident.source}${incident.confirmed ? ', confirmed by the vendor' : ', not confirmed by the vendor'}`,
    },
    { label: 'Findings', value: String(incident.findingCount) },
    ...timeRows(incident),
  ];
}

const MILESTONES = [
  ['received', 'Received'],
  ['opened', 'Opened'],
  ['triaged', 'Triaged'],
  ['asked', 'Approvers asked'],
  ['decided', 'Decided'],
  ['contained', 'Contained'],
  ['concluded', 'Concluded'],
] as const;

function timeRows(incident: Incident): { label: string; value: string }[] {
  return MILESTONES.flatMap(([key, label]) => {
    const at = incident.times[key];
    return at === undefined ? [] : [{ label, value: readableTime(at) }];
  });
}

function planBlocks(plan: Plan): Block[] {
  const blocks: Block[] = [heading('Response plan')];
  if (plan.actions.length === 0)
    blocks.push(paragraph(`No executable action is planned (rollout phase ${plan.phase}).`));
  for (const { prepared, preview, gate, gateReasons, rationale, evidence } of plan.actions) {
    blocks.push(heading(`${prepared.actionId}: ${preview.title}`), paragraph(preview.summary), {
      type: 'facts',
      rows: [
        { label: 'Target', value: targetLabel(prepared.target) },
        { label: 'Decision', value: `${gateWords(gate)}${gateReasons.length > 0 ? `: ${gateReasons.join(' ')}` : ''}` },
        { label: 'Why', value: `${rationale} ${evidence.map((id) => `[${id}]`).join(' ')}`.trim() },
        { label: 'Undo', value: preview.undo },
      ],
    });
    if (preview.blastRadius.length > 0) blocks.push({ type: 'bullets', items: preview.blastRadius });
  }
  if (plan.actions.some(({ gate }) => gate === 'ask')) {
    blocks.push(
      paragraph('Approvers were asked by mail, each with a link of their own. This ticket cannot approve anything.'),
    );
  }
  if (plan.advice.length > 0) {
    blocks.push(heading('Advice for people'), {
      type: 'bullets',
      items: plan.advice.map(({ text, reason }) => `${text} (not executed: ${reason})`),
    });
  }
  return blocks;
}

function watchBlocks(watches: readonly Watch[]): Block[] {
  return watches.length === 0 ? [] : [heading('Looked at again'), { type: 'bullets', items: watches.map(watchWords) }];
}

function undoBlocks(undos: readonly Undone[]): Block[] {
  return undos.length === 0 ? [] : [heading('Rolled back on demand'), { type: 'bullets', items: undos.map(undoWords) }];
}

function gateWords(gate: Plan['actions'][number]['gate']): string {
  switch (gate) {
    case 'suggest':
      return 'suggested only';
    case 'ask':
      return 'waits for an approver';
    case 'automatic':
      return 'automatic';
  }
}

function heading(text: string): Block {
  return { type: 'heading', text };
}
function paragraph(text: string): Block {
  return { type: 'paragraph', text };
}
