import type { Entity, EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import { parseKubeletContainerName } from '../../workload.ts';
import { entitiesIn, entityNamed, factsOf, type Piece } from './facts.ts';

/** A pod the alerts are about, as the cluster itself describes it. */
export interface AffectedPod {
  readonly piece: Piece<'pod'>;
  /** Absent when the evidence names no entity for it: then it can be spoken of, but never be a target. */
  readonly entity: Entity | undefined;
}

/** The service account of an affected pod and what makes it powerful. */
export interface Account {
  readonly name: string;
  readonly namespace: string;
  readonly tokenMounted: boolean;
  readonly cloudRole: string | undefined;
  readonly item: EvidenceItem;
  readonly entity: Entity | undefined;
  readonly bindings: readonly Piece<'role-binding'>[];
  /** Those of `bindings` that give full control of the cluster, by name or through a group. */
  readonly adminBindings: readonly Piece<'role-binding'>[];
}

/**
 * Pods of the incident's workload that an alert names: the workload's own pod, and those the alert details name. They must
 * have been read from the cluster: a name an alert gives is no pod yet. Other replicas are not affected until something
 * says so.
 */
export function affectedPods(pack: EvidencePack): AffectedPod[] {
  const { workload } = pack;
  if (workload.kind !== 'pod') return [];
  const named = new Set([workload.pod, ...podsOfAlerts(pack, workload.cluster, workload.namespace)]);
  return factsOf(pack, 'pod')
    .filter(
      ({ item, fact }) =>
        item.source === 'kubernetes_api' &&
        fact.cluster === workload.cluster &&
        fact.namespace === workload.namespace &&
        named.has(fact.name),
    )
    .map((piece) => ({
      piece,
      entity: entityNamed(pack, piece.item, 'pod', [`${piece.fact.namespace}/${piece.fact.name}`]),
    }));
}

/** Names from alerts that were read back: by the kubelet-made name of a container, or by an entity `cluster/namespace/pod`. */
function podsOfAlerts(pack: EvidencePack, cluster: string, namespace: string): string[] {
  const items = pack.items.filter(({ part, source }) => part === 'alert-details' && source !== 'alert');
  const within = `${cluster}/${namespace}/`;
  return items.flatMap((item) => [
    ...entitiesIn(pack, item, 'pod')
      .filter(({ canonical }) => canonical.startsWith(within))
      .map(({ canonical }) => canonical.slice(within.length)),
    ...(item.fact.kind === 'container' ? podOfContainer(item.fact.name, namespace) : []),
  ]);
}

function podOfContainer(name: string, namespace: string): string[] {
  const parsed = parseKubeletContainerName(name);
  return parsed?.namespace === namespace ? [parsed.pod] : [];
}

/** Pods of the same workload that no alert names. */
export function otherReplicas(pack: EvidencePack, affected: readonly AffectedPod[]): Piece<'pod'>[] {
  const names = new Set(affected.map(({ piece }) => piece.fact.name));
  const { workload } = pack;
  if (workload.kind !== 'pod') return [];
  return factsOf(pack, 'pod').filter(
    ({ fact }) => fact.cluster === workload.cluster && fact.namespace === workload.namespace && !names.has(fact.name),
  );
}

/** Service accounts the affected pods run as, each once. */
export function accountsOf(pack: EvidencePack, affected: readonly AffectedPod[]): Account[] {
  return factsOf(pack, 'service-account')
    .filter(({ fact }) =>
      affected.some(
        ({ piece }) =>
          piece.fact.namespace === fact.namespace &&
          (piece.fact.serviceAccount === undefined || piece.fact.serviceAccount === fact.name),
      ),
    )
    .map(({ item, fact }) => {
      const bindings = factsOf(pack, 'role-binding').filter(
        (binding) =>
          isSubject(binding.fact.subject, fact.namespace, fact.name) || isGroupOf(binding.fact.subject, fact.namespace),
      );
      return {
        name: fact.name,
        namespace: fact.namespace,
        tokenMounted: fact.tokenMounted,
        cloudRole: fact.cloudRole,
        item,
        entity: entityNamed(pack, item, 'principal', [`${fact.namespace}/ServiceAccount/${fact.name}`]),
        bindings,
        adminBindings: bindings.filter((binding) => binding.fact.clusterAdmin),
      };
    });
}

/** Whether a binding names exactly this service account; a group that merely contains it is another matter. */
export function isSubject(subject: string, namespace: string, name: string): boolean {
  const bare = subject.replace(/^(?:ServiceAccount|User)[/: ]/, '');
  return bare === `${namespace}/${name}` || bare === `system:serviceaccount:${namespace}:${name}`;
}

/** Whether a binding gives its rights to a group every service account of the namespace is in (Kubernetes, "Service account" groups). */
function isGroupOf(subject: string, namespace: string): boolean {
  const group = subject.replace(/^Group[/: ]/, '');
  return (
    group === 'system:serviceaccounts' ||
    group === `system:serviceaccounts:${namespace}` ||
    group === 'system:authenticated'
  );
}
