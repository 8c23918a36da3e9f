import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { severityRank } from '../../../../domain/severity.ts';
import type { LaceworkClient, TimeRange } from '../client.ts';
import { type EntityMap, entityMapOf } from '../entity-map.ts';
import { parseReadBack } from '../read-back.ts';
import type { LaceworkAttempts } from './attempt.ts';

/** What the reading of one part works with. */
export interface PartContext {
  readonly lacework: LaceworkClient;
  readonly attempts: LaceworkAttempts;
  readonly findings: readonly NormalizedFinding[];
  /** Whose alerts the key can read; undefined when the address does not say. */
  readonly tenant: string | undefined;
  readonly now: () => Date;
}

export type PartReader = (context: PartContext) => Promise<readonly EvidenceDraft[]>;

/** Alerts, machines and images of one incident that are looked at beyond the confirmation; each costs several calls. */
export const MAX_SUBJECTS = 3;
/** Alerts are summed up by the hour: activity is read so long around them. */
const BEFORE_MS = 60 * 60_000;
const AFTER_MS = 2 * 60 * 60_000;

/** The time range of the findings and what led to them. */
export function rangeOf({ findings, now }: Pick<PartContext, 'findings' | 'now'>): TimeRange {
  const times = findings.map(({ finding }) => finding.time);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const to = Math.min(last + AFTER_MS, Math.max(now().getTime(), last + 60_000));
  return { from: new Date(first - BEFORE_MS).toISOString(), to: new Date(to).toISOString() };
}

/** Ids of the alerts, the worst first, each once. */
export function alertIdsOf(findings: readonly NormalizedFinding[]): readonly string[] {
  const ordered = [...findings].sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  return [...new Set(ordered.flatMap(({ readBack }) => parseReadBack(readBack)?.alertId ?? []))];
}

/** The first of them; what is left out is a gap. */
export function firstOf<T>({ attempts }: PartContext, what: string, subjects: readonly T[]): readonly T[] {
  const rest = subjects.length - MAX_SUBJECTS;
  if (rest > 0) attempts.note('findings', `${rest} further ${what}`, `${MAX_SUBJECTS} ${what} are looked at`);
  return subjects.slice(0, MAX_SUBJECTS);
}

/** What the vendor's own record says an alert is about; the push may have said nothing (a webhook). */
export async function entitiesOf(context: PartContext, alertId: string): Promise<EntityMap> {
  const { attempts, lacework } = context;
  const attempt = await attempts.read('GET /Alerts/{id} scope=Details', 'what the alert is about', () =>
    lacework.alert(alertId, 'enrichment'),
  );
  return entityMapOf('value' in attempt ? attempt.value?.entityMap : undefined);
}

export interface MachineSubject {
  readonly mid: string;
  readonly hostname: string | undefined;
}

const MID = /^-?\d{1,20}$/;

/** Machines of the alerts by the vendor's number: from the push where it says so, otherwise from the vendor's record. */
export async function machinesOf(context: PartContext): Promise<readonly MachineSubject[]> {
  const machines = new Map<string, MachineSubject>();
  const add = (mid: string | undefined, hostname: string | undefined): void => {
    if (mid !== undefined && MID.test(mid) && !machines.has(mid)) machines.set(mid, { mid, hostname });
  };
  for (const { readBack, workload } of context.findings) {
    add(parseReadBack(readBack)?.mid, 'host' in workload ? workload.host : undefined);
  }
  if (machines.size === 0) {
    for (const id of alertIdsOf(context.findings).slice(0, MAX_SUBJECTS)) {
      for (const row of (await entitiesOf(context, id)).rows('Machine'))
        add(row.text('MID'), row.text('HOSTNAME') || undefined);
    }
  }
  return firstOf(context, 'machines', [...machines.values()]);
}
