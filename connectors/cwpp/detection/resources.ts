import type { DetectionFinding } from '../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../domain/ocsf/present.ts';
import type { Detection } from './detection.ts';

type Resource = NonNullable<DetectionFinding['resources']>[number];

/** What is affected, the nearest thing first. */
export function resourcesOf({ workload, podUid }: Detection): Resource[] {
  switch (workload.kind) {
    case 'pod':
      return [
        ...containers(workload.container, workload.containerId, workload.namespace),
        present({ type: 'Pod', name: workload.pod, uid: podUid, namespace: workload.namespace }),
        { type: 'Namespace', name: workload.namespace },
        { type: 'Cluster', name: workload.cluster },
        ...images(workload.image, workload.imageDigest),
      ];
    case 'container':
      return [
        ...containers(workload.container, workload.containerId, undefined),
        ...images(workload.image, workload.imageDigest),
      ];
    case 'host':
      return [present({ type: 'Host', name: workload.host, uid: workload.instanceId })];
    case 'function':
      return [{ type: 'Function', name: workload.name }];
    case 'image':
      return images(workload.image, workload.imageDigest);
    case 'resource':
      return [present({ type: workload.resourceType, name: workload.name, uid: workload.uid })];
  }
}

function containers(name: string | undefined, uid: string | undefined, namespace: string | undefined): Resource[] {
  return name === undefined && uid === undefined
    ? []
    : [present({ type: 'Container', name: name ?? uid, uid, namespace })];
}

function images(name: string | undefined, digest: string | undefined): Resource[] {
  const uid = digest ?? name;
  return uid === undefined ? [] : [{ type: 'Image', name: name ?? uid, uid }];
}
