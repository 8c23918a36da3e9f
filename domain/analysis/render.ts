import { cleanText } from '../evidence/clean.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { Block } from '../publish/blocks.ts';
import { citedByGuidance, guidanceBlocks } from '../remediation/render.ts';
import type { Analysis, Claim } from './analysis.ts';

/** Longest excerpt of one piece of evidence; the whole of it stays in the pack. */
const EXCERPT = 300;
const MAX_EVIDENCE = 40;

type Telling = NonNullable<Analysis['tellings']>[number]['purpose'];

/** An analysis as neutral blocks. Each sentence ends with the evidence it stands on; the evidence itself comes last. */
export function analysisBlocks(analysis: Analysis, pack: EvidencePack): Block[] {
  return [
    heading('Analysis'),
    { type: 'paragraph', text: analysis.headline },
    {
      type: 'facts',
      rows: [
        { label: 'Verdict', value: `${analysis.verdict} (confidence ${analysis.confidence})` },
        { label: 'Severity', value: `${analysis.severity}. ${analysis.severityReason}` },
        ...scoreRow(analysis),
        { label: 'Written by', value: writtenBy(analysis) },
      ],
    },
    ...injectionWarning(analysis),
    ...told(analysis, 'ticket-summary', 'In short (written by the model)'),
    ...section('What happened', analysis.narrative.map(claimLine)),
    ...section('What most likely came before', analysis.rootCause ? [claimLine(analysis.rootCause)] : []),
    ...told(analysis, 'anomaly-explanation', 'What is unusual (explained by the model)'),
    ...section(
      'Timeline (UTC)',
      analysis.timeline.map(
        ({ at, statement, evidence }) => `${at.slice(0, 10)} ${at.slice(11, 19)} ${cited(statement, [evidence])}`,
      ),
    ),
    ...section(
      'Vulnerabilities',
      analysis.vulnerabilities.map((one) => cited(vulnerability(one, pack), one.evidence)),
    ),
    ...section('Environment score', scoreLines(analysis)),
    ...section('Blast radius', [
      analysis.blastRadius.statement,
      ...analysis.blastRadius.entities.map(({ entity, relation, evidence }) =>
        cited(`${RELATIONS[relation]}: ${nameOf(pack, entity)}.`, evidence),
      ),
    ]),
    ...section(
      'ATT&CK techniques',
      analysis.techniques.map(({ id, name, tactic, rationale, evidence }) =>
        cited(`${id} ${name} (${tactic}): ${rationale}`, evidence),
      ),
    ),
    ...section(
      'Recommended',
      analysis.actions.map(({ action, target, urgency, rationale, risk, evidence }) =>
        cited(`${action} on ${nameOf(pack, target)} (${urgency}): ${rationale} Risk: ${risk}`, evidence),
      ),
    ),
    ...fixTickets(analysis),
    ...guidanceBlocks(analysis.guidance),
    ...section(
      'Not known',
      analysis.unknowns.map(({ question, whyItMatters, evidence }) => cited(`${question} ${whyItMatters}`, evidence)),
    ),
    ...droppedNote(analysis),
    ...section('Evidence', evidenceLines(analysis, pack)),
  ];
}

/** The same for a terminal. */
export function renderAnalysisText(analysis: Analysis, pack: EvidencePack): string {
  return `${analysisBlocks(analysis, pack).map(blockText).join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `${block.text}\n${'-'.repeat(block.text.length)}`;
    case 'paragraph':
    case 'code':
      return block.text;
    case 'bullets':
      return block.items.map((item) => `- ${item}`).join('\n');
    case 'facts':
      return block.rows.map(({ label, value }) => `${`${label}:`.padEnd(12)} ${value}`).join('\n');
    case 'link':
      return `${block.text}: ${block.url}`;
  }
}

function heading(text: string): Block {
  return { type: 'heading', text };
}

function section(title: string, items: readonly string[]): Block[] {
  return items.length === 0 ? [] : [heading(title), { type: 'bullets', items }];
}

/** Who wrote a sentence is said where both wrote: a reader must not take a model's word for the rules'. */
function claimLine({ text, kind, evidence, by, trust }: Claim): string {
  const marks = [
    ...(by === 'model' ? ['by the model'] : []),
    ...(trust === 'attacker_influenced' ? ['only by text the workload could have written'] : []),
  ];
  const mark = marks.length === 0 ? '' : ` (${marks.join('; ')})`;
  return `${kind === 'inferred' ? 'Inferred: ' : ''}${cited(text, evidence)}${mark}`;
}

function told(analysis: Analysis, purpose: Telling, title: string): Block[] {
  const found = analysis.tellings?.find((one) => one.purpose === purpose);
  return section(title, found?.claims.map(({ text, evidence }) => cited(text, evidence)) ?? []);
}

function cited(text: string, evidence: readonly string[]): string {
  return evidence.length === 0 ? text : `${text} ${evidence.map((id) => `[${id}]`).join('')}`;
}

const RELATIONS: Readonly<Record<Analysis['blastRadius']['entities'][number]['relation'], string>> = {
  affected: 'Affected',
  reachable: 'Reachable',
  credential_exposed: 'Credential exposed',
  data_exposed: 'Data exposed',
};

const RELEVANCE: Readonly<Record<Analysis['vulnerabilities'][number]['relevance'], string>> = {
  exploited: 'exploited',
  likely_exploited: 'likely exploited',
  reachable: 'reachable',
  present: 'present',
  not_relevant: 'not relevant here',
};

function scoreRow({ environmentScore }: Analysis): { readonly label: string; readonly value: string }[] {
  return environmentScore === undefined
    ? []
    : [{ label: 'Score', value: `${environmentScore.score} of 100 in this environment` }];
}

function scoreLines({ environmentScore }: Analysis): string[] {
  return (environmentScore?.parts ?? []).map(({ name, points, of, reason, evidence }) =>
    cited(`${name}: ${points} of ${of}, because ${reason}.`, evidence),
  );
}

/** The text somebody copies into the ticket of the team that builds the image. */
function fixTickets({ actions }: Analysis): Block[] {
  return actions.flatMap(({ ticket }) =>
    ticket === undefined
      ? []
      : section(`Fix ticket${ticket.team === undefined ? '' : ` for ${ticket.team}`}: ${ticket.title}`, ticket.body),
  );
}

function vulnerability(
  { cve, cvss, fixedIn, relevance, rationale, entity, knownExploited, epss }: Analysis['vulnerabilities'][number],
  pack: EvidencePack,
): string {
  const score = cvss === undefined ? '' : `, CVSS ${cvss}`;
  const fix = fixedIn === undefined ? 'no fix is known' : `fixed in ${fixedIn}`;
  const kev = knownExploited === undefined ? '' : `, CISA KEV since ${knownExploited.since}`;
  const odds = epss === undefined ? '' : `, EPSS ${(epss.probability * 100).toFixed(1)} %`;
  return `${cve} in ${nameOf(pack, entity)} (${RELEVANCE[relevance]}${score}${kev}${odds}, ${fix}): ${rationale}`;
}

function nameOf(pack: EvidencePack, id: string): string {
  const entity = pack.entities.find((one) => one.id === id);
  if (entity === undefined) return id;
  const label = cleanText(entity.label, { max: 200 });
  // Things of Kubernetes carry their kind in the label already.
  return /^(?:[A-Z][a-z]+)+ /.test(label) ? label : `${entity.kind} ${label}`;
}

function writtenBy({ writtenBy: { rules, model, fallback } }: Analysis): string {
  const judged = `verdict, severity and recommendations by ${rules.name} ${rules.version}`;
  if (model !== undefined)
    return `${judged}; headline and narrative by model ${cleanText(model.modelId, { max: 120 })} with prompt ${model.promptId} ${model.promptVersion}, checked against the evidence`;
  return fallback === undefined
    ? `all by ${rules.name} ${rules.version}`
    : `all by ${rules.name} ${rules.version}, because ${cleanText(fallback, { max: 300 })}`;
}

function injectionWarning({ suspectedInjection }: Analysis): Block[] {
  if (suspectedInjection.length === 0) return [];
  return [
    {
      type: 'paragraph',
      text: `Warning: text in the evidence tries to influence whoever reads it, ${suspectedInjection.map(({ evidence, reason }) => `[${evidence}] ${reason}`).join(' ')} It had no effect on verdict, severity or recommendations.`,
    },
  ];
}

function droppedNote({ dropped }: Analysis): Block[] {
  if (dropped.length === 0) return [];
  const reasons = new Map<string, number>();
  for (const { why } of dropped) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  return section(
    `Left out of the model's answer (${dropped.length})`,
    [...reasons].map(([why, count]) => `${count} × ${cleanText(why, { max: 200 })}`),
  );
}

function evidenceLines(analysis: Analysis, pack: EvidencePack): string[] {
  const used = new Set([
    ...analysis.narrative.flatMap(({ evidence }) => evidence),
    ...analysis.actions.flatMap(({ evidence }) => evidence),
    ...analysis.unknowns.flatMap(({ evidence }) => evidence),
    ...analysis.suspectedInjection.map(({ evidence }) => evidence),
    ...citedByGuidance(analysis.guidance),
  ]);
  const items = pack.items.filter(({ id }) => used.has(id));
  const lines = items
    .slice(0, MAX_EVIDENCE)
    .map(
      ({ id, source, trust, text }) =>
        `[${id}] ${cleanText(text, { max: EXCERPT })} (${SOURCES[source]}${trust === 'attacker_influenced' ? ', text the workload could choose' : ''})`,
    );
  return items.length > MAX_EVIDENCE
    ? [...lines, `and ${items.length - MAX_EVIDENCE} more in the evidence pack`]
    : lines;
}

const SOURCES: Readonly<Record<EvidencePack['items'][number]['source'], string>> = {
  alert: 'alert',
  cwpp_api: 'CWPP API',
  kubernetes_api: 'Kubernetes API',
  cloud_api: 'cloud API',
  vuln_db: 'vulnerability data',
  threat_intel: 'threat intelligence',
  history: 'own history',
};
