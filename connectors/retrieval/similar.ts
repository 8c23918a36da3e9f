import type { EvidenceDraft } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { sharedTraits, type Trait, type TraitKind, traitsOf } from '../../domain/retrieval/traits.ts';
import type { IncidentStore } from '../store/ports.ts';

/** The newest incidents that are compared: a bounded read, whatever the table holds. */
const MOST_COMPARED = 150;
/** More than a rule and a technique alone, which strangers share every day. */
const LEAST_SCORE = 4;

export interface Similar {
  readonly incident: Incident;
  readonly shared: readonly Trait[];
  readonly score: number;
}

/**
 * Earlier incidents of other workloads that look like this one, the most alike first. Those of the same workload are its
 * history and are told as that.
 * @param trait only those that share this, however little it says alone
 * @throws what the store throws
 */
export async function similarIncidents(
  incidents: Pick<IncidentStore, 'list'>,
  incident: Incident,
  findings: readonly NormalizedFinding[],
  options: { readonly most: number; readonly trait?: TraitKind },
): Promise<readonly Similar[]> {
  const own = traitsOf(findings);
  if (own.length === 0) return [];
  const candidates = await incidents.list({ limit: MOST_COMPARED });
  return candidates
    .filter(
      ({ incidentId, workloadKey, times }) =>
        incidentId !== incident.incidentId &&
        workloadKey !== incident.workloadKey &&
        Date.parse(times.opened) <= Date.parse(incident.times.opened),
    )
    .map((other) => ({ incident: other, ...sharedTraits(own, other.traits ?? []) }))
    .filter(({ shared, score }) =>
      options.trait === undefined ? score >= LEAST_SCORE : shared.some(({ what }) => what === options.trait),
    )
    .sort((a, b) => b.score - a.score || Date.parse(b.incident.times.opened) - Date.parse(a.incident.times.opened))
    .slice(0, options.most);
}

/**
 * An earlier incident as evidence: ids, our own words for how it ended, and what both have, which this incident shows
 * anyway. No text of the other one: it may have been written by a model from attacker-influenced text, and it may be bound to
 * a model that must not see this one, or the other way round.
 */
export function pastIncident(
  { incidentId, times, verdict, outcome }: Incident,
  observedAt: string,
  shared?: readonly Trait[],
): EvidenceDraft {
  return {
    source: 'history',
    field: `incidents ${incidentId}`,
    trust: 'own',
    observedAt,
    fact: {
      kind: 'past-incident',
      incidentId,
      openedAt: times.opened,
      ...(verdict === undefined ? {} : { verdict }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(shared === undefined ? {} : { shared: shared.map(({ what, value }) => ({ what, value })) }),
    },
    entities: [],
  };
}
