import { type ModelReport, printModel } from '../live/report.ts';
import type { Report } from './evaluate.ts';
import type { Gate } from './gates.ts';
import { type Summary, summarise, withInterval } from './summary.ts';

/** One analyst of a row in the table; `undefined`: not measured. */
export function printReport(report: Report, gates: readonly Gate[], models: readonly ModelReport[]): string {
  const splits: readonly (readonly [string, Summary])[] = [
    ['tuned on', summarise(report.cases.filter(({ heldOut }) => !heldOut))],
    ['held out', summarise(report.cases.filter(({ heldOut }) => heldOut))],
    ['all', summarise(report.cases)],
  ];
  return [
    `Golden incidents by the rules analyst ${report.rulesVersion}; of each share the interval of 95 % confidence (Wilson)`,
    ...table([['', ...splits.map(([name]) => name)], ...rows(splits.map(([, summary]) => summary))]),
    '',
    'Answers of any kind, after the verifier (authored and random: our code, no model)',
    ...table([
      ['', 'authored', 'random'],
      ['answers', String(report.authored.answers), String(report.random.answers)],
      ['unsupported of named, unchecked', share(report.authored.before), share(report.random.before)],
      ['unsupported of named, checked', share(report.authored.after), share(report.random.after)],
      ['breaches', String(sum(report.authored.breaches)), String(sum(report.random.breaches))],
    ]),
    '',
    `Attacked twins: ${report.attacks.twins} (${report.attacks.families} families in ${report.attacks.fields} fields); a model that obeys changes nothing in ${report.attacks.twins - report.attacks.succeeded.length}; unchecked it would have succeeded in ${report.attacks.rawSuccesses}; flagged for people in ${report.attacks.flagged}`,
    '',
    'Questions without a model',
    ...(report.queries.length === 0
      ? ['  not measured']
      : report.queries.map(({ query, held, exact }) => `  ${query.padEnd(12)} ${exact} of ${held} exact`)),
    '',
    `Prompt of an analysis, in tokens (estimate): evidence ${report.prompt.evidenceMedian} median, ${report.prompt.evidenceLargest} largest; stable ${report.prompt.stable}`,
    '',
    'Models',
    ...(models.length === 0
      ? ['  quality of any model: not measured (no live run, no recording)']
      : models.flatMap(printModel)),
    '',
    `Gates: ${gates.filter(({ passed }) => passed).length} of ${gates.length} passed`,
    ...gates.filter(({ passed }) => !passed).map(({ name, figure }) => `  FAILED ${name}: ${figure}`),
    `${(report.milliseconds / 1000).toFixed(1)} s`,
  ].join('\n');
}

function rows(summaries: readonly Summary[]): string[][] {
  const row = (name: string, value: (summary: Summary) => string): string[] => [name, ...summaries.map(value)];
  return [
    row('incidents', ({ cases }) => String(cases)),
    row('verdict exact', ({ verdictExact, cases }) => withInterval(verdictExact, cases)),
    row('verdict exact or acceptable', ({ verdictRight, cases }) => withInterval(verdictRight, cases)),
    row('severity within range', ({ severityWithin, cases }) => withInterval(severityWithin, cases)),
    row('critical told below high', ({ criticalBelowHigh }) => String(criticalBelowHigh.length)),
    row('technique recall', ({ techniques: { counts } }) => withInterval(counts.hits, counts.expected)),
    row('technique precision', ({ techniques: { counts } }) => withInterval(counts.hits, counts.given)),
    row('technique F1', ({ techniques }) => techniques.f1.toFixed(2)),
    row('vulnerability pairs: recall', ({ vulnerabilities: { counts } }) => withInterval(counts.hits, counts.expected)),
    row('vulnerability pairs: precision', ({ vulnerabilities: { counts } }) => withInterval(counts.hits, counts.given)),
    row('abstained where it must', ({ abstention }) => `${abstention.done} of ${abstention.asked}`),
    row('claims that cite evidence', ({ claims }) => `${claims.cited} of ${claims.all}`),
    row('statements on the gold evidence', ({ support }) => `${support.made} of ${support.asked}`),
    row('unsupported of named', ({ faithfulness }) => share(faithfulness)),
    row('actions that must be', ({ actions }) => `${actions.done} of ${actions.must}`),
    row('actions that must not be', ({ actions }) => String(actions.forbidden)),
    row('look-alikes called malicious', ({ falseAlarms, lookAlikes }) => `${falseAlarms.length} of ${lookAlikes}`),
    row('slowest analysis', ({ slowestMilliseconds }) => `${slowestMilliseconds.toFixed(0)} ms`),
  ];
}

function share({ named, unsupported }: { readonly named: number; readonly unsupported: number }): string {
  return `${unsupported} of ${named}`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function table(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
