import { type IncidentStore, MAX_FINDING_BYTES, NotFoundError, TooLargeError } from '../../connectors/store/ports.ts';
import type { IncidentOpened } from '../../domain/events.ts';
import { findingDigest, joins, openIncident } from '../../domain/incident/cluster.ts';
import type { Incident, Publication } from '../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { maxSeverity } from '../../domain/severity.ts';
import { workloadKey } from '../../domain/workload.ts';
import { type Failing, failing } from './failures.ts';

interface Held {
  incident: Incident;
  announced: boolean;
  waiting: boolean;
  readonly findings: NormalizedFinding[];
  readonly publications: Map<string, Publication>;
}

export type MemoryIncidentStore = IncidentStore &
  Failing<keyof IncidentStore> & {
    /** Puts an incident there as it is, with findings if a test needs them. */
    seed(incident: Incident, findings?: readonly NormalizedFinding[]): void;
    announced(incidentId: string): boolean;
    /** What the waiting line does to an incident. */
    markWaiting(incidentId: string): void;
    /** What the digest line does to the chat publication, in one step; undefined: it stays. @returns whether it was changed */
    changeChat(incidentId: string, change: (now: Publication | undefined) => Publication | undefined): boolean;
  };

/** Incidents in memory, with the conditions of the real store: one step is one turn of the event loop, so nothing interleaves. */
export function memoryIncidentStore(): MemoryIncidentStore {
  const held = new Map<string, Held>();
  const seen = new Map<string, string>();
  const windows = new Map<string, string>();
  const existing = (incidentId: string): Held => {
    const entry = held.get(incidentId);
    if (entry === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
    return entry;
  };
  const seed = (incident: Incident, findings: readonly NormalizedFinding[] = []): Held => {
    const entry: Held = {
      incident,
      announced: false,
      waiting: false,
      findings: [...findings],
      publications: new Map(),
    };
    held.set(incident.incidentId, entry);
    windows.set(incident.workloadKey, incident.incidentId);
    for (const finding of findings) seen.set(findingDigest(finding), incident.incidentId);
    return entry;
  };
  const newestFirst = (): Incident[] =>
    [...held.values()]
      .map(({ incident }) => incident)
      .sort((a, b) => Date.parse(b.times.opened) - Date.parse(a.times.opened));

  return failing({
    seed: (incident: Incident, findings?: readonly NormalizedFinding[]) => void seed(incident, findings),
    announced: (incidentId: string) => existing(incidentId).announced,
    markWaiting(incidentId: string) {
      existing(incidentId).waiting = true;
    },
    changeChat(incidentId: string, change: (now: Publication | undefined) => Publication | undefined) {
      const { publications } = existing(incidentId);
      const changed = change(publications.get('chat'));
      if (changed !== undefined) publications.set('chat', changed);
      return changed !== undefined;
    },
    async attach(finding, context) {
      if (Buffer.byteLength(JSON.stringify(finding)) > MAX_FINDING_BYTES) throw new TooLargeError('too large');
      const digest = findingDigest(finding);
      // What is awaited comes before the look at what is known, so that look and write stay one step.
      if (!seen.has(digest)) await context.beforeWrite?.();
      const known = seen.get(digest);
      if (known !== undefined) {
        const entry = existing(known);
        entry.incident = { ...entry.incident, duplicateCount: entry.incident.duplicateCount + 1 };
        return { kind: 'duplicate', ...told(entry) };
      }
      const current = held.get(windows.get(workloadKey(finding.workload)) ?? '');
      if (current && joins(current.incident, finding, context.now)) {
        current.incident = {
          ...current.incident,
          findingCount: current.incident.findingCount + 1,
          severity: maxSeverity(current.incident.severity, finding.severity),
        };
        current.findings.push(finding);
        seen.set(digest, current.incident.incidentId);
        return { kind: 'attached', ...told(current) };
      }
      const opened = openIncident(finding, context, (current?.incident.generation ?? 0) + 1);
      const { incident, event } = told(seed(opened, [finding]));
      return { kind: 'opened', incident, event };
    },
    async markAnnounced(incidentId) {
      existing(incidentId).announced = true;
    },
    async claim(incidentId, execution) {
      const entry = existing(incidentId);
      if (entry.incident.execution !== undefined) return entry.incident.execution === execution;
      entry.incident = { ...entry.incident, execution };
      return true;
    },
    async get(incidentId) {
      return held.get(incidentId)?.incident;
    },
    async findings(incidentId) {
      return [...(held.get(incidentId)?.findings ?? [])].sort((a, b) => a.finding.time - b.finding.time);
    },
    async list({ limit }) {
      return newestFirst().slice(0, limit);
    },
    async history(key, { except, limit }) {
      return newestFirst()
        .filter((incident) => incident.workloadKey === key && incident.incidentId !== except)
        .slice(0, limit);
    },
    async update(incidentId, { times = {}, blobs = {}, ...wanted }) {
      const entry = existing(incidentId);
      const { status, ...rest } = wanted;
      const plain = entry.incident.status === 'concluded' ? rest : { ...rest, status };
      entry.incident = {
        ...entry.incident,
        ...given(plain),
        times: { ...entry.incident.times, ...given(times), ...given(entry.incident.times) },
        blobs: { ...entry.incident.blobs, ...given(blobs) },
      };
    },
    async claimPublication(incidentId, { destination, system, now, leaseSeconds }) {
      const { publications } = existing(incidentId);
      const before = publications.get(destination);
      if (before && !mayTakeOver(before, now, leaseSeconds)) return { mine: false, stale: false, publication: before };
      const at = now.toISOString();
      const publication: Publication = { destination, system, state: 'claimed', claimedAt: at, updatedAt: at };
      publications.set(destination, publication);
      return { mine: true, stale: before !== undefined, publication };
    },
    async recordPublication(incidentId, publication) {
      existing(incidentId).publications.set(publication.destination, publication);
    },
    async publications(incidentId) {
      return [...(held.get(incidentId)?.publications.values() ?? [])];
    },
  } satisfies IncidentStore & Omit<MemoryIncidentStore, 'failNext'>);
}

function mayTakeOver(before: Publication, now: Date, leaseSeconds: number): boolean {
  if (before.state === 'failed') return before.remoteId === undefined;
  if (before.state === 'in-digest') return true;
  return before.state === 'claimed' && Date.parse(before.claimedAt) + leaseSeconds * 1000 <= now.getTime();
}

function told(entry: Held): { incident: Incident; event: IncidentOpened; announced: boolean; waiting: boolean } {
  const { incident, announced, waiting } = entry;
  return {
    incident,
    announced,
    waiting,
    event: {
      incidentId: incident.incidentId,
      source: incident.source,
      severity: incident.severity,
      workloadKey: incident.workloadKey,
      openedAt: incident.times.opened,
    },
  };
}

/** Without the members that are undefined, which would erase what was there. */
function given<T extends object>(value: T): Partial<T> {
  return Object.assign(
    {},
    ...Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [{ [key]: member }])),
  );
}
