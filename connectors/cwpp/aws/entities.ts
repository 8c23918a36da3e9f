import type { EntityKind, EntityRef } from '../../../domain/evidence/pack.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Workload } from '../../../domain/workload.ts';

/**
 * Things GuardDuty and Inspector speak of, under the names every part of the evidence uses for them, so that the same
 * thing read from two systems is one entity. An empty name is no entity.
 */
export function entity(kind: EntityKind, canonical: string | undefined, label?: string): EntityRef | undefined {
  if (!canonical) return undefined;
  const name = capped(canonical, SHORT_TEXT_CAP);
  return { kind, canonical: name, label: label ? capped(label, SHORT_TEXT_CAP) : name };
}

/** The digest where there is one; the reference otherwise. */
export const imageEntity = (digest: string | undefined, reference: string | undefined) =>
  entity('image', digest ?? reference, reference);

export const containerEntity = (id: string | undefined, name: string | undefined) => entity('container', id, name);

/** Process ids mean something only where they were given: here always a host, because GuardDuty reports the host's. */
export function processEntity(where: string | undefined, pid: number | undefined, path: string): EntityRef | undefined {
  return where === undefined || pid === undefined ? undefined : entity('process', `${where}#${pid}`, `${pid} ${path}`);
}

/** What a finding is about. */
export function workloadEntities(workload: Workload): EntityRef[] {
  return refsOf(workload).filter((ref) => ref !== undefined);
}

function refsOf(workload: Workload): (EntityRef | undefined)[] {
  switch (workload.kind) {
    case 'pod':
      return [
        containerEntity(workload.containerId, workload.container),
        entity(
          'pod',
          `${workload.cluster}/${workload.namespace}/${workload.pod}`,
          `${workload.namespace}/${workload.pod}`,
        ),
        imageEntity(workload.imageDigest, workload.image),
      ];
    case 'container':
      return [
        containerEntity(workload.containerId, workload.container),
        imageEntity(workload.imageDigest, workload.image),
      ];
    case 'host':
      return [entity('instance', workload.instanceId ?? workload.host, workload.host)];
    case 'image':
      return [imageEntity(workload.imageDigest, workload.image)];
    case 'function':
      return [entity('workload', workload.name)];
    case 'resource':
      return [entity('workload', workload.uid ?? workload.name, `${workload.resourceType} ${workload.name}`)];
  }
}
