import type { Entity, EvidencePack } from '../../evidence/pack.ts';
import type { Slot, Slots } from '../slots.ts';

/** The entity that stands for the incident's workload, under the names the sources give it (connectors/cwpp). */
export function workloadEntity({ workload, entities }: EvidencePack): Entity | undefined {
  const names = namesOf(workload).filter((name) => name !== undefined);
  return names
    .map((name) => entities.find(({ canonical, label }) => canonical === name || label === name))
    .find((entity) => entity !== undefined);
}

function namesOf(workload: EvidencePack['workload']): (string | undefined)[] {
  switch (workload.kind) {
    case 'pod':
      return [`${workload.cluster}/${workload.namespace}/${workload.pod}`];
    case 'container':
      return [workload.containerId, workload.container, workload.imageDigest, workload.image];
    case 'host':
      return [workload.instanceId, workload.host];
    case 'function':
      return [workload.name];
    case 'image':
      return [workload.imageDigest, workload.image];
    case 'resource':
      return [workload.uid, workload.name];
  }
}

/** Where only one region is named; without it the command goes where its user's configuration says. */
export function regionFlag(slots: Slots): (string | Slot)[] {
  const region = slots.only('region');
  return region === undefined ? [] : ['--region', region];
}
