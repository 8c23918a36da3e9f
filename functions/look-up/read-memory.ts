import { pastIncident, similarIncidents } from '../../connectors/retrieval/similar.ts';
import type { IncidentStore } from '../../connectors/store/ports.ts';
import type { Entity, EvidenceDraft } from '../../domain/evidence/pack.ts';
import type { LookUpCall, LookUpOutput } from '../../domain/models/tools.ts';
import type { TraitKind } from '../../domain/retrieval/traits.ts';
import { refused, type Subject } from './subject.ts';

export interface MemoryDeps {
  readonly incidents: Pick<IncidentStore, 'history' | 'list'>;
  readonly now: () => Date;
}

type Window = Extract<LookUpCall, { tool: 'workload_history' }>['window'];

const DAY_MS = 24 * 3_600_000;
const DAYS: Readonly<Record<Window, number>> = { '1d': 1, '7d': 7, '30d': 30 };
/** More says nothing new and costs room in the pack. */
const MOST = 20;

const WITH_A_HISTORY: ReadonlySet<Entity['kind']> = new Set([
  'workload',
  'pod',
  'container',
  'instance',
  'node',
  'image',
]);

/** Earlier incidents of the workload of this incident within a window. */
export async function readHistory(
  deps: MemoryDeps,
  { incident }: Subject,
  { kind }: Entity,
  window: Window,
): Promise<LookUpOutput> {
  if (!WITH_A_HISTORY.has(kind)) return refused('a workload has a history; this is none');
  const started = deps.now();
  const since = started.getTime() - DAYS[window] * DAY_MS;
  const past = await deps.incidents.history(incident.workloadKey, { except: incident.incidentId, limit: MOST });
  const drafts = past
    .filter(({ times }) => Date.parse(times.opened) >= since)
    .map((one) => pastIncident(one, started.toISOString()));
  return answered(deps, started, drafts);
}

/** Earlier incidents of other workloads that share one trait with this one. */
export async function readSimilar(
  deps: MemoryDeps,
  { incident, findings }: Subject,
  trait: TraitKind,
): Promise<LookUpOutput> {
  const started = deps.now();
  const similar = await similarIncidents(deps.incidents, incident, findings, { most: MOST, trait });
  const drafts = similar.map(({ incident: one, shared }) => pastIncident(one, started.toISOString(), shared));
  return answered(deps, started, drafts);
}

function answered({ now }: MemoryDeps, started: Date, drafts: EvidenceDraft[]): LookUpOutput {
  const milliseconds = now().getTime() - started.getTime();
  return { outcome: 'answered', drafts, cost: { calls: 1, bytes: JSON.stringify(drafts).length, milliseconds } };
}
