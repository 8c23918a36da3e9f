import type { EntityKind, EntityRef } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';

/** Things Prisma Cloud speaks of. An empty name is no entity. */
function entity(kind: EntityKind, canonical: string | undefined, label?: string): EntityRef[] {
  if (!canonical) return [];
  const name = capped(canonical, SHORT_TEXT_CAP);
  return [{ kind, canonical: name, label: label ? capped(label, SHORT_TEXT_CAP) : name }];
}

export const principalEntity = (id: string | undefined, name?: string) => entity('principal', id, name);
export const ipEntity = (ip: string | undefined) => entity('ip', ip);
export const cveEntity = (cve: string | undefined) => entity('cve', cve);
export const packageEntity = (name: string, version: string) =>
  entity('package', `${name}@${version}`, `${name} ${version}`);

/** What a finding is about: an instance by its cloud id, anything that is no workload by account, type and id. */
export function subjectEntities({ workload }: Pick<NormalizedFinding, 'workload'>): EntityRef[] {
  switch (workload.kind) {
    case 'pod':
      return entity('pod', `${workload.cluster}/${workload.namespace}/${workload.pod}`, workload.pod);
    case 'container':
      return entity('container', workload.containerId ?? workload.container, workload.container);
    case 'host':
      return entity('instance', workload.instanceId ?? workload.host, workload.host);
    case 'function':
      return entity('workload', workload.name);
    case 'image':
      return entity('image', workload.imageDigest ?? workload.image, workload.image);
    case 'resource':
      return entity(
        'workload',
        [workload.account ?? '-', workload.resourceType, workload.uid ?? workload.name].join('/'),
        `${workload.resourceType} ${workload.name}`,
      );
  }
}
