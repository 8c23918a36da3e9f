import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { gap } from '../../draft.ts';
import { parseReadBack } from '../read-back.ts';
import { changedFileDraft, loginDraft, namedActivity, processDraft } from './activity.ts';
import { observedProcesses } from './observations.ts';
import {
  alertIdsOf,
  entitiesOf,
  firstOf,
  type MachineSubject,
  machinesOf,
  type PartContext,
  type PartReader,
  rangeOf,
} from './part.ts';

const DETAILS = 'GET /Alerts/{id} scope=Details';
const OBSERVATIONS = 'GET /Alerts/{id} scope=ObservationTimeline';
/** Of each list and machine; the vendor may have a million rows. */
const MAX_EACH = 60;

/**
 * What ran, who logged in and what was written: the activity of the machine first, then what alert and observations name
 * beside it. By then the alert's record is in the cache, where the confirmation put it.
 */
export const readRuntimeActivity: PartReader = async (context) => {
  const machines = await machinesOf(context);
  const activity: EvidenceDraft[] = [];
  for (const machine of machines) activity.push(...(await ofMachine(context, machine)));
  if (machines.length === 0) {
    context.attempts.note(
      'findings',
      'the activity of the workload',
      'neither the alert nor its record names a machine by its number',
    );
  }
  const named: EvidenceDraft[] = [];
  for (const id of firstOf(context, 'alerts', alertIdsOf(context.findings))) {
    named.push(...(await ofAlert(context, id, machines, id === alertIdsOf(context.findings)[0])));
  }
  return [...activity, ...withoutKnown(named, activity)];
};

/** A process the machine's own list has with its parent is not told again without one. */
function withoutKnown(named: readonly EvidenceDraft[], activity: readonly EvidenceDraft[]): EvidenceDraft[] {
  const lines = new Set<string>();
  const isNew = ({ fact }: EvidenceDraft): boolean => {
    if (fact.kind !== 'process' || fact.commandLine === undefined) return true;
    if (lines.has(fact.commandLine)) return false;
    lines.add(fact.commandLine);
    return true;
  };
  for (const draft of activity) isNew(draft);
  return named.filter(isNew);
}

/** @param worst whether the observations are read too: one call for each incident, not for each alert */
async function ofAlert(
  context: PartContext,
  id: string,
  machines: readonly MachineSubject[],
  worst: boolean,
): Promise<EvidenceDraft[]> {
  const entities = await entitiesOf(context, id);
  const observedAt = context.now().toISOString();
  const machine = machines[0] ?? { mid: `alert ${id}`, hostname: undefined };
  const observations = worst
    ? await context.attempts.list(OBSERVATIONS, 'the processes of the observations', () =>
        context.lacework.scope(id, 'ObservationTimeline'),
      )
    : [];
  return [
    ...namedActivity(entities, { field: DETAILS, observedAt, machine, occurredAt: occurredAt(context.findings, id) }),
    ...observedProcesses(observations, { field: OBSERVATIONS, observedAt }),
  ];
}

function occurredAt(findings: readonly NormalizedFinding[], id: string): string {
  const found = findings.find(({ readBack }) => parseReadBack(readBack)?.alertId === id);
  return new Date(found?.finding.time ?? 0).toISOString();
}

async function ofMachine(context: PartContext, machine: MachineSubject): Promise<EvidenceDraft[]> {
  const { attempts, lacework, now } = context;
  const range = rangeOf(context);
  const observedAt = now().toISOString();
  const cut = <T>(field: string, rows: readonly T[], draft: (row: T) => EvidenceDraft[]): EvidenceDraft[] => [
    ...rows.slice(0, MAX_EACH).flatMap(draft),
    ...(rows.length > MAX_EACH
      ? [
          gap(
            field,
            observedAt,
            `${rows.length - MAX_EACH} further rows`,
            `only the first ${MAX_EACH} are shown one by one`,
          ),
        ]
      : []),
  ];
  const processes = 'POST /Entities/Processes/search';
  const logins = 'POST /Activities/UserLogins/search';
  const files = 'POST /Activities/ChangedFiles/search';
  const at = (field: string) => ({ field, observedAt, machine });
  const ran = await attempts.list(processes, 'the processes of the machine', () =>
    lacework.processes(range, machine.mid),
  );
  const came = await attempts.list(logins, 'who logged in to the machine', () => lacework.logins(range, machine.mid));
  const wrote = await attempts.list(files, 'the files changed on the machine', () =>
    lacework.changedFiles(range, machine.mid),
  );
  return [
    ...cut(processes, ran, (row) => processDraft(row, at(processes))),
    ...cut(logins, came, (row) => loginDraft(row, at(logins))),
    ...cut(files, wrote, (row) => changedFileDraft(row, at(files))),
  ];
}
