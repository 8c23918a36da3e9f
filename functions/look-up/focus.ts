import type { Entity, EvidencePack } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { controllerNameOf, type Workload } from '../../domain/workload.ts';

/**
 * The findings of an incident as if they were about one entity of its evidence, because vendors are asked by workload.
 * Undefined when the entity is nothing a vendor can be asked about. Only what a vendor then says of it becomes evidence,
 * under the vendor's own names.
 */
export function focusOn(
  findings: readonly NormalizedFinding[],
  pack: EvidencePack,
  entity: Entity,
): readonly NormalizedFinding[] | undefined {
  const named = findings.filter(({ workload }) => isAbout(workload, entity));
  if (named.length > 0) return named;
  const workload = workloadOf(pack, entity);
  const newest = findings.reduce<NormalizedFinding | undefined>(
    (last, one) => (last === undefined || one.finding.time >= last.finding.time ? one : last),
    undefined,
  );
  return workload === undefined || newest === undefined ? undefined : [{ ...newest, workload }];
}

/** A pod of the cluster, from its canonical name `cluster/namespace/name`. */
export function podNameOf({ kind, canonical }: Pick<Entity, 'kind' | 'canonical'>) {
  const [cluster, namespace, name, ...more] = canonical.split('/');
  if (kind !== 'pod' || !cluster || !namespace || !name || more.length > 0) return undefined;
  return { cluster, namespace, name };
}

function isAbout(workload: Workload, { kind, canonical, label }: Entity): boolean {
  switch (kind) {
    case 'container':
      return 'containerId' in workload && workload.containerId === canonical;
    case 'pod':
      return workload.kind === 'pod' && `${workload.cluster}/${workload.namespace}/${workload.pod}` === canonical;
    case 'image':
      return 'image' in workload && (workload.imageDigest === canonical || workload.image === label);
    case 'instance':
      return workload.kind === 'host' && (workload.instanceId === canonical || workload.host === canonical);
    case 'node':
      return workload.kind === 'host' && workload.host === canonical;
    default:
      return false;
  }
}

function workloadOf(pack: EvidencePack, { kind, canonical, label }: Entity): Workload | undefined {
  const account = pack.workload.account === undefined ? {} : { account: pack.workload.account };
  switch (kind) {
    case 'container':
      return 'container' in pack.workload ? { ...pack.workload, containerId: canonical } : undefined;
    case 'pod': {
      const pod = podNameOf({ kind, canonical });
      if (pod === undefined) return undefined;
      const { cluster, namespace, name } = pod;
      return { kind: 'pod', ...account, cluster, namespace, pod: name, controller: controllerNameOf(name) };
    }
    case 'image': {
      const digest = /^sha256:[0-9a-f]{64}$/.test(canonical) ? { imageDigest: canonical } : {};
      return { kind: 'image', ...account, image: label, ...digest };
    }
    case 'instance':
    case 'node': {
      const instance = kind === 'instance' && /^i-[0-9a-f]{8,17}$/.test(canonical) ? { instanceId: canonical } : {};
      return { kind: 'host', ...account, host: canonical, ...instance };
    }
    default:
      return undefined;
  }
}
