import type { FactOf } from '../evidence/fact.ts';
import type { Incident } from '../incident/incident.ts';
import type { NormalizedFinding } from '../ocsf/detection-finding.ts';
import type { Workload } from '../workload.ts';
import { type Baseline, compare } from './baseline.ts';
import { baselineKeyOf, DIMENSIONS, type Observation, observationsOf } from './observe.ts';

/** More would bury the first ones. */
const MOST = 15;
const DAY_MS = 24 * 3_600_000;

interface Sight {
  readonly observation: Observation;
  readonly baseline: Baseline | undefined;
  readonly replicas: Set<string>;
}

/**
 * What the findings of an incident show and nobody saw before at that workload. That something was seen before is not
 * told: an attack that was there last week would excuse the one of today.
 */
export function anomaliesOf(
  incident: Pick<Incident, 'times'>,
  findings: readonly NormalizedFinding[],
  baselines: ReadonlyMap<string, Baseline>,
): FactOf<'anomaly'>[] {
  const opened = Date.parse(incident.times.opened);
  const sights = new Map<string, Sight>();
  for (const finding of findings) {
    const key = baselineKeyOf(finding.workload);
    for (const observation of observationsOf(finding)) {
      const name = `${key} ${observation.dimension} ${observation.value}`;
      const sight = sights.get(name) ?? { observation, baseline: baselines.get(key), replicas: new Set() };
      sight.replicas.add(replicaOf(finding.workload));
      sights.set(name, sight);
    }
  }
  return [...sights.values()]
    .flatMap((sight) => anomalyOf(sight, opened))
    .sort(mostTellingFirst)
    .slice(0, MOST);
}

function anomalyOf({ observation, baseline, replicas }: Sight, opened: number): FactOf<'anomaly'>[] {
  const said = compare(baseline, observation, opened);
  if (!said?.neverSeenBefore) return [];
  const since = new Date(said.knownSince).toISOString();
  return [
    {
      kind: 'anomaly',
      dimension: observation.dimension,
      value: observation.value,
      neverSeenBefore: true,
      observedForDays: Math.round(((opened - said.knownSince) / DAY_MS) * 10) / 10,
      sharedByReplicas: replicas.size,
      basis: `what findings and the vendor's profile showed of this workload and image since ${since}`,
    },
  ];
}

function replicaOf(workload: Workload): string {
  switch (workload.kind) {
    case 'pod':
      return workload.pod;
    case 'container':
      return workload.containerId ?? `${workload.host}/${workload.container}`;
    case 'host':
      return workload.instanceId ?? workload.host;
    case 'function':
      return workload.name;
    case 'image':
      return workload.imageDigest ?? workload.image;
    case 'resource':
      return workload.uid ?? workload.name;
  }
}

function mostTellingFirst(a: FactOf<'anomaly'>, b: FactOf<'anomaly'>): number {
  const dimension = DIMENSIONS.indexOf(a.dimension) - DIMENSIONS.indexOf(b.dimension);
  return dimension || b.sharedByReplicas - a.sharedByReplicas;
}
