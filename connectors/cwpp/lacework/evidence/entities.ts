import type { EntityKind, EntityRef } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';

type Refs = readonly (EntityRef | undefined)[];

/** Things under the names every part of the evidence uses for them. An empty name is no entity. */
export function entity(kind: EntityKind, canonical: string | undefined, label?: string): EntityRef | undefined {
  if (!canonical) return undefined;
  const name = capped(canonical, SHORT_TEXT_CAP);
  return { kind, canonical: name, label: label ? capped(label, SHORT_TEXT_CAP) : name };
}

export const hostEntity = (hostname: string | undefined) => entity('instance', hostname);
export const podEntity = (cluster: string, namespace: string, pod: string) =>
  entity('pod', `${cluster}/${namespace}/${pod}`, `${namespace}/${pod}`);
/** The digest where there is one; the reference otherwise. */
export const imageEntity = (digest: string | undefined, reference: string | undefined) =>
  entity('image', digest ?? reference, reference ?? digest);

/** Process ids mean something only where they were given. */
export function processEntity(where: string | undefined, pid: number | undefined, path: string): EntityRef | undefined {
  return where === undefined || pid === undefined ? undefined : entity('process', `${where}#${pid}`, `${pid} ${path}`);
}

/** What a finding is about. */
export function subjectEntities({ workload }: Pick<NormalizedFinding, 'workload'>): EntityRef[] {
  const refs = (): Refs => {
    switch (workload.kind) {
      case 'pod':
        return [
          podEntity(workload.cluster, workload.namespace, workload.pod),
          imageEntity(workload.imageDigest, workload.image),
          hostEntity(workload.host),
        ];
      case 'container':
        return [imageEntity(workload.imageDigest, workload.image), hostEntity(workload.host)];
      case 'host':
        return [hostEntity(workload.host)];
      case 'image':
        return [imageEntity(workload.imageDigest, workload.image)];
      case 'function':
        return [entity('workload', workload.name)];
      case 'resource':
        return [entity('workload', workload.uid ?? workload.name, workload.name)];
    }
  };
  return refs().filter((ref) => ref !== undefined);
}
