import { writeFileSync } from 'node:fs';
import { OUTCOMES } from '../../domain/incident/incident.ts';
import { type PhaseRow, phaseOverview, scopeWords } from '../../domain/phase/overview.ts';
import { percent, type ReadinessRow, readinessOf } from '../../domain/phase/readiness.ts';
import { readConfiguration } from '../configuration.ts';
import { type Host, type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson, table } from '../io.ts';
import { parseLimit } from '../parse.ts';
import { readCases } from '../readiness/cases.ts';
import { nextWords, readinessPage } from '../readiness/page.ts';
import { SetupError } from '../setup-error.ts';

interface PhaseOptions extends PlaceOptions {
  readonly limit: number;
  readonly readiness?: boolean;
  readonly html?: string;
}

export const phase: Register = (program, host, answer) => {
  withPlace(
    program
      .command('phase')
      .description(
        'Show the rollout phase of each scope, how the newest incidents there ended, and whether it may move up.',
      ),
  )
    .option('--limit <count>', 'how many of the newest incidents are counted', parseLimit, 1000)
    .option(
      '--readiness',
      'what playbooks would have done against what people did, and why a scope may not move up yet',
    )
    .option('--html <file>', 'with --readiness: write it as a page')
    .action(async (options: PhaseOptions) => {
      await answer(
        (async () => {
          const connection = await host.connect(options);
          const config = readConfiguration(connection.configuration);
          if (options.html !== undefined && options.readiness !== true)
            throw new SetupError('--html is written with --readiness');
          if (options.readiness === true)
            tellReadiness(host, options, readinessOf(config, await readCases(connection, options.limit)));
          else
            tellPhases(host, options, phaseOverview(config, await connection.incidents.list({ limit: options.limit })));
          return true;
        })(),
      );
    });
};

function tellPhases({ io }: Host, { json }: PhaseOptions, rows: readonly PhaseRow[]): void {
  if (json) io.out(printableJson(rows.map(withWords), 2));
  else for (const line of table(HEAD, rows.map(rowOf))) io.out(printable(line));
}

function tellReadiness(host: Host, { json, html }: PhaseOptions, rows: readonly ReadinessRow[]): void {
  if (html !== undefined) writePage(html, readinessPage(rows, host.now()));
  if (json) host.io.out(printableJson(rows.map(withWords), 2));
  else for (const line of rows.flatMap(readinessLines)) host.io.out(printable(line));
}

/** @throws SetupError in one sentence */
function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (cause) {
    throw new SetupError(`${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function readinessLines(row: ReadinessRow): string[] {
  return [
    `${row.phase}  ${scopeWords(row.scope)}: ${nextWords(row)} (incidents: ${row.incidents}, unconfirmed: ${row.unverified})`,
    ...row.playbooks.map(
      ({ playbook, answers, atLeast, ready, reasons }) =>
        `    ${playbook}: agreed ${answers.agreed}, disagreed ${answers.disagreed}, abstained ${answers.abstained}, open ${answers.open}, acted ${answers.acted}; at least ${percent(atLeast)}; ${ready ? 'may act by itself' : `not yet: ${reasons.join('; ')}`}`,
    ),
  ];
}

const HEAD = ['PHASE', 'SCOPE', 'INCIDENTS', 'ENDED AS'];

/** JSON has no place for `undefined`. */
function withWords({ scope, ...row }: PhaseRow | ReadinessRow): unknown {
  return { ...row, ...(scope === undefined ? {} : { scope }), where: scopeWords(scope) };
}

function rowOf({ scope, phase: here, incidents, outcomes }: PhaseRow): string[] {
  const ended = OUTCOMES.flatMap((outcome) => (outcomes[outcome] ? [`${outcome} ${outcomes[outcome]}`] : []));
  return [here, scopeWords(scope), String(incidents), ended.join(', ') || '-'];
}
