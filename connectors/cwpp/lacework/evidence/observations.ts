import { techniqueById } from '../../../../domain/attack/catalogue.ts';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { fromApi } from '../../draft.ts';
import { textOf } from '../lenient.ts';
import type { Observation, ObservedEntity } from '../records.ts';
import { isoTimeOf } from '../time.ts';
import { hostEntity, podEntity, subjectEntities } from './entities.ts';

const MAX_OBSERVATIONS = 30;

interface At {
  readonly observedAt: string;
  readonly field: string;
}

/** What the vendor saw, one by one, with its own ATT&CK ids: the main source for a composite alert. */
export function observationDrafts(
  observations: readonly Observation[],
  { found, observedAt, field }: At & { readonly found: NormalizedFinding },
): EvidenceDraft[] {
  return observations.slice(0, MAX_OBSERVATIONS).flatMap((observation, index) => {
    const { description, observationType, formalTags } = observation;
    if (description === '') return [];
    const seen = observation.entities.map((entity) => entity.entity_text).filter((text) => text !== '');
    const fact = present({
      kind: 'alert' as const,
      findingUid: found.finding.finding_info.uid,
      title: description,
      category: observationType || 'observation',
      message: seen.length > 0 ? `${description} (${seen.slice(0, 8).join('; ')})` : description,
      severity: found.severity,
      occurredAt:
        isoTimeOf(observation.startEpoch, Date.parse(observedAt)) ?? new Date(found.finding.time).toISOString(),
      techniques: [...new Set(formalTags.map(({ id }) => id))].filter((id) => techniqueById(id) !== undefined),
    });
    return [
      fromApi(`${field} [${index}]`, 'attacker_influenced', observedAt, fact, [
        ...subjectEntities(found),
        ...observation.entities.map(entityRef),
      ]),
    ];
  });
}

/** Pods the vendor itself names, as containers of the evidence have them: `cluster/namespace/pod`. */
export function observedPods(
  observations: readonly Observation[],
  { record, observedAt, field }: At & { readonly record: string },
): EvidenceDraft[] {
  const pods = new Map<string, EvidenceDraft>();
  for (const entity of observations.flatMap(({ entities }) => entities)) {
    const ref = entityRef(entity);
    if (ref?.kind !== 'pod') continue;
    const fact = {
      kind: 'related-finding' as const,
      uid: record,
      title: `The observations of the alert name pod ${ref.label}`,
      category: 'affected workload',
      severity: 'informational' as const,
    };
    pods.set(ref.canonical, fromApi(field, 'vendor', observedAt, fact, [ref]));
  }
  return [...pods.values()];
}

function entityRef(entity: ObservedEntity): EvidenceDraft['entities'][number] | undefined {
  const key = (name: string): string => textOf(entity.entity_key[name]);
  switch (entity.entity_type) {
    case 'machine':
      return hostEntity(key('hostname'));
    case 'k8_pod': {
      const [cluster, namespace, pod] = [key('cluster_id'), key('pod_namespace'), key('pod_name')];
      return cluster && namespace && pod ? podEntity(cluster, namespace, pod) : undefined;
    }
    default:
      return undefined;
  }
}

/** Processes of the observations. They have no process id, only a hash of the vendor's, so no tree comes of them. */
export function observedProcesses(observations: readonly Observation[], { observedAt, field }: At): EvidenceDraft[] {
  return observations.slice(0, MAX_OBSERVATIONS).flatMap((observation, index) =>
    observation.entities
      .filter((entity) => entity.entity_type === 'process' && entity.entity_text !== '')
      .map((entity) => {
        const commandLine = entity.entity_text;
        const host = observation.entities.find((other) => other.entity_type === 'machine');
        const fact = present({
          kind: 'process' as const,
          path: commandLine.split(/\s/, 1)[0] ?? commandLine,
          commandLine,
          startedAt: isoTimeOf(observation.startEpoch, Date.parse(observedAt)),
        });
        return fromApi(`${field} [${index}]`, 'attacker_influenced', observedAt, fact, [
          host ? entityRef(host) : undefined,
        ]);
      }),
  );
}
