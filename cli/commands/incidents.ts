import type { Incident } from '../../domain/incident/incident.ts';
import { workloadLabel } from '../../domain/workload.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printableJson, table } from '../io.ts';
import { parseLimit } from '../parse.ts';

export const incidents: Register = (program, host, answer) => {
  withPlace(program.command('incidents').description('List incidents, newest first.'))
    .option('--limit <count>', 'how many at most', parseLimit, 50)
    .action(async (options: PlaceOptions & { readonly limit: number }) => {
      await answer(
        (async () => {
          const { incidents: store } = await host.connect(options);
          const list = await store.list({ limit: options.limit });
          if (options.json) host.io.out(printableJson(list, 2));
          else if (list.length === 0) host.io.err('There are no incidents yet.');
          else for (const line of table(HEAD, list.map(rowOf))) host.io.out(line);
          return true;
        })(),
      );
    });
};

const HEAD = ['INCIDENT', 'OPENED', 'SEVERITY', 'STATUS', 'OUTCOME', 'VERDICT', 'ALERTS', 'WORKLOAD', 'HEADLINE'];

function rowOf(incident: Incident): string[] {
  return [
    incident.incidentId,
    incident.times.opened.slice(0, 19),
    incident.severity,
    incident.status,
    incident.outcome ?? '-',
    incident.verdict ?? '-',
    `${incident.findingCount}+${incident.duplicateCount}`,
    workloadLabel(incident.workload),
    incident.headline ?? '',
  ];
}
