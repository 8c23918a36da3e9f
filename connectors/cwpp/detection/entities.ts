import type { EntityKind, EntityRef } from '../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';

/** An empty name is no entity. The canonical forms are those of the Kubernetes gatherer, so that one thing is one entity. */
export function entity(kind: EntityKind, canonical: string | undefined, label?: string): EntityRef[] {
  if (!canonical) return [];
  const name = capped(canonical, SHORT_TEXT_CAP);
  return [{ kind, canonical: name, label: label ? capped(label, SHORT_TEXT_CAP) : name }];
}

/** What a finding is about. */
export function subjectsOf({ workload }: NormalizedFinding): EntityRef[] {
  switch (workload.kind) {
    case 'pod':
      return [
        ...placeOf(workload),
        ...entity(
          'pod',
          `${workload.cluster}/${workload.namespace}/${workload.pod}`,
          `${workload.namespace}/${workload.pod}`,
        ),
        ...entity('image', workload.imageDigest ?? workload.image, workload.image),
      ];
    case 'container':
      return [...placeOf(workload), ...entity('image', workload.imageDigest ?? workload.image, workload.image)];
    case 'host':
      return placeOf(workload);
    case 'function':
      return entity('workload', workload.name);
    case 'resource':
      return entity('workload', workload.uid ?? workload.name, workload.name);
    case 'image':
      return entity('image', workload.imageDigest ?? workload.image, workload.image);
  }
}

/** Where a process ran: process ids mean something only there. */
export function placeOf(workload: NormalizedFinding['workload']): EntityRef[] {
  switch (workload.kind) {
    case 'pod':
    case 'container':
      return entity('container', workload.containerId, workload.container);
    case 'host':
      return entity('instance', workload.instanceId ?? workload.host, workload.host);
    case 'function':
    case 'image':
    case 'resource':
      return [];
  }
}
