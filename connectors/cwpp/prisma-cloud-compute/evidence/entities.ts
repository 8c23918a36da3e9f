import type { EntityKind, EntityRef } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';

/**
 * Things the console speaks of, under the names every part of the evidence uses for them, so that the same thing read
 * from two systems is one entity. An empty name is no entity.
 */
function entity(kind: EntityKind, canonical: string | undefined, label?: string): EntityRef | undefined {
  if (!canonical) return undefined;
  const name = capped(canonical, SHORT_TEXT_CAP);
  return { kind, canonical: name, label: label ? capped(label, SHORT_TEXT_CAP) : name };
}

export const containerEntity = (containerId: string | undefined, name?: string) =>
  entity('container', containerId, name);
/** The digest where there is one; the reference otherwise. */
export const imageEntity = (digest: string | undefined, reference: string | undefined) =>
  entity('image', digest ?? reference, reference);
export const fileEntity = (path: string | undefined) => entity('file', path);
export const ipEntity = (ip: string | undefined) => entity('ip', ip);
export const domainEntity = (domain: string | undefined) => entity('domain', domain);
export const cveEntity = (cve: string | undefined) => entity('cve', cve);
export const principalEntity = (name: string | undefined) => entity('principal', name);
export const hostEntity = (hostname: string | undefined) => entity('instance', hostname);

export function packageEntity(name: string | undefined, version: string | undefined): EntityRef | undefined {
  return name && version ? entity('package', `${name}@${version}`, `${name} ${version}`) : undefined;
}

/** Process ids mean something only where they were given: a container, or a host. */
export function processEntity(where: string | undefined, pid: number | undefined, path: string): EntityRef | undefined {
  return where === undefined || pid === undefined ? undefined : entity('process', `${where}#${pid}`, `${pid} ${path}`);
}

/** What a finding is about, as its own source names it. */
export function subjectEntities({ workload }: NormalizedFinding): EntityRef[] {
  const refs = (): (EntityRef | undefined)[] => {
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
        return [hostEntity(workload.host)];
      case 'image':
        return [imageEntity(workload.imageDigest, workload.image)];
      case 'function':
      case 'resource':
        return [entity('workload', workload.name)];
    }
  };
  return refs().filter((ref) => ref !== undefined);
}
