import { OUTCOMES } from '../../domain/incident/incident.ts';
import { type PhaseRow, phaseOverview, scopeWords } from '../../domain/phase/overview.ts';
import { readConfiguration } from '../configuration.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printable, printableJson, table } from '../io.ts';
import { parseLimit } from '../parse.ts';

export const phase: Register = (program, host, answer) => {
  withPlace(
    program
      .command('phase')
      .description('Show the rollout phase of each scope, and how the newest incidents there ended.'),
  )
    .option('--limit <count>', 'how many of the newest incidents are counted', parseLimit, 1000)
    .action(async (options: PlaceOptions & { readonly limit: number }) => {
      await answer(
        (async () => {
          const { configuration, incidents } = await host.connect(options);
          const list = await incidents.list({ limit: options.limit });
          const rows = phaseOverview(readConfiguration(configuration), list);
          if (options.json) host.io.out(printableJson(rows.map(withWords), 2));
          else for (const line of table(HEAD, rows.map(rowOf))) host.io.out(printable(line));
          return true;
        })(),
      );
    });
};

const HEAD = ['PHASE', 'SCOPE', 'INCIDENTS', 'ENDED AS'];

/** JSON has no place for `undefined`. */
function withWords({ scope, ...row }: PhaseRow): unknown {
  return { ...row, ...(scope === undefined ? {} : { scope }), where: scopeWords(scope) };
}

function rowOf({ scope, phase: here, incidents, outcomes }: PhaseRow): string[] {
  const ended = OUTCOMES.flatMap((outcome) => (outcomes[outcome] ? [`${outcome} ${outcomes[outcome]}`] : []));
  return [here, scopeWords(scope), String(incidents), ended.join(', ') || '-'];
}
