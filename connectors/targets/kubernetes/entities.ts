import type { EntityRef } from '../../../domain/evidence/pack.ts';
import type { Binding } from './api.ts';
import type { Account } from './subjects.ts';

/** Names of things as evidence and plans use them: always from the cluster downwards, so that equal names elsewhere differ. */
export function podEntity(cluster: string, namespace: string, name: string): EntityRef {
  return { kind: 'pod', canonical: `${cluster}/${namespace}/${name}`, label: `${namespace}/${name}` };
}

export function workloadEntity(cluster: string, namespace: string, kind: string, name: string): EntityRef {
  return {
    kind: 'workload',
    canonical: `${cluster}/${namespace}/${kind}/${name}`,
    label: `${kind} ${namespace}/${name}`,
  };
}

export function accountEntity(cluster: string, { namespace, name }: Account): EntityRef {
  return {
    kind: 'principal',
    canonical: `${cluster}/${namespace}/ServiceAccount/${name}`,
    label: `ServiceAccount ${namespace}/${name}`,
  };
}

export function cloudRoleEntity(arn: string): EntityRef {
  return { kind: 'principal', canonical: arn, label: arn };
}

export function bindingEntity(cluster: string, { kind, metadata }: Pick<Binding, 'kind' | 'metadata'>): EntityRef {
  const within = kind === 'RoleBinding' ? `${metadata.namespace}/` : '';
  return {
    kind: 'role-binding',
    canonical: `${cluster}/${within}${kind}/${metadata.name}`,
    label: `${kind} ${within}${metadata.name}`,
  };
}

export function serviceEntity(cluster: string, namespace: string, name: string): EntityRef {
  return { kind: 'service', canonical: `${cluster}/${namespace}/${name}`, label: `Service ${namespace}/${name}` };
}

export function namespaceEntity(cluster: string, namespace: string): EntityRef {
  return { kind: 'namespace', canonical: `${cluster}/${namespace}`, label: namespace };
}

export function clusterEntity(cluster: string): EntityRef {
  return { kind: 'cluster', canonical: cluster, label: cluster };
}

export function nodeEntity(node: string): EntityRef {
  return { kind: 'node', canonical: node, label: node };
}

/** An image is known by its digest; `imageID` of a container's status is `<repository>@sha256:…`, sometimes with a scheme. */
export function imageEntity(image: string, digest: string | undefined): EntityRef {
  return { kind: 'image', canonical: digest ?? image, label: image };
}

export function digestOfImageId(imageId: string | undefined): string | undefined {
  return /sha256:[0-9a-f]{64}$/.exec(imageId ?? '')?.[0];
}
