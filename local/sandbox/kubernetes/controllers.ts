import {
  reconcileDaemonSets,
  reconcileJobs,
  reconcileStatefulSets,
  reportDeployments,
  rollOut,
  taintNodes,
} from './controllers-workloads.ts';
import type { ApiObject, ObjectStore } from './objects.ts';
import { ownerOf, recordOf, startPod } from './pods.ts';

/**
 * The controllers our actions meet: Deployments that roll out, ReplicaSets that release, adopt, start and remove pods, the
 * other kinds that run pods, the node and the endpoint-slice controller. They run to the end after each write, which the real
 * ones do within a second or a few minutes.
 */
export function runControllers(store: ObjectStore): void {
  taintNodes(store);
  rollOut(store);
  for (const replicaSet of store.all('replicasets')) reconcileReplicaSet(store, replicaSet);
  reconcileStatefulSets(store);
  reconcileDaemonSets(store);
  reconcileJobs(store);
  reportDeployments(store);
  for (const service of store.all('services')) reconcileEndpoints(store, service);
}

interface Spec {
  readonly replicas?: number;
  readonly selector?: unknown;
  readonly template?: {
    readonly metadata?: { readonly labels?: Record<string, string> };
    readonly spec?: Record<string, unknown>;
  };
  readonly ports?: readonly { readonly port?: number; readonly name?: string }[];
}

function specOf(object: ApiObject): Spec {
  return typeof object['spec'] === 'object' && object['spec'] !== null ? object['spec'] : {};
}

function matches(wanted: Readonly<Record<string, unknown>>, labels: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

function reconcileReplicaSet(store: ObjectStore, replicaSet: ApiObject): void {
  const { namespace, uid } = replicaSet.metadata;
  const spec = specOf(replicaSet);
  const selector = recordOf(recordOf(spec.selector)['matchLabels']);
  const fits = (pod: ApiObject) => matches(selector, pod.metadata.labels ?? {});
  for (const pod of store.all('pods').filter((candidate) => candidate.metadata.namespace === namespace)) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner?.uid === uid && !fits(pod)) release(store, pod, uid);
    if (owner === undefined && fits(pod)) adopt(store, pod, replicaSet);
  }
  const owned = store
    .all('pods')
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true),
    );
  const wanted = spec.replicas ?? 1;
  for (let count = owned.length; count < wanted; count += 1) startReplica(store, replicaSet, spec);
  // Among equally ready pods the real controller removes the newest first.
  const surplus = Math.max(0, owned.length - wanted);
  for (const pod of owned.toSorted(newestFirst).slice(0, surplus)) store.remove('pods', pod);
}

function newestFirst(a: ApiObject, b: ApiObject): number {
  return Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp);
}

function release(store: ObjectStore, pod: ApiObject, uid: string): void {
  const { ownerReferences = [], ...metadata } = pod.metadata;
  store.put('pods', {
    ...pod,
    metadata: { ...metadata, ownerReferences: ownerReferences.filter((owner) => owner.uid !== uid) },
  });
}

function adopt(store: ObjectStore, pod: ApiObject, replicaSet: ApiObject): void {
  const { ownerReferences = [], ...metadata } = pod.metadata;
  store.put('pods', { ...pod, metadata: { ...metadata, ownerReferences: [...ownerReferences, ownerOf(replicaSet)] } });
}

/** The alphabet of Kubernetes' generated names (apimachinery util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function startReplica(store: ObjectStore, replicaSet: ApiObject, spec: Spec): void {
  let number = store.all('pods').length + 1;
  while (store.get('pods', replicaSet.metadata.namespace, nameOfReplica(replicaSet, number)) !== undefined) number += 1;
  startPod(store, replicaSet, recordOf(spec.template), nameOfReplica(replicaSet, number));
}

function nameOfReplica({ metadata }: ApiObject, number: number): string {
  const letters = Array.from(
    { length: 5 },
    (_, place) => ALPHABET[(number * (place + 3) * 7 + Math.floor(number / ALPHABET.length) * place) % ALPHABET.length],
  );
  return `${metadata.name}-${letters.join('')}`;
}

function reconcileEndpoints(store: ObjectStore, service: ApiObject): void {
  const { name, namespace } = service.metadata;
  const selector = recordOf(specOf(service).selector);
  if (Object.keys(selector).length === 0) return;
  const endpoints = store
    .all('pods')
    .filter((pod) => pod.metadata.namespace === namespace && matches(selector, pod.metadata.labels ?? {}))
    .flatMap((pod) => {
      const { podIP, phase } = recordOf(pod['status']);
      if (typeof podIP !== 'string' || phase !== 'Running') return [];
      const targetRef = { kind: 'Pod', namespace, name: pod.metadata.name, uid: pod.metadata.uid };
      return [{ addresses: [podIP], conditions: { ready: true }, targetRef }];
    });
  const sliceName = `${name}-7wqzk`;
  const existing = store.get('endpointslices', namespace, sliceName);
  store.put('endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...(existing?.metadata ?? { name: sliceName, uid: '', resourceVersion: '', creationTimestamp: '' }),
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    endpoints,
    ports: (specOf(service).ports ?? []).map(({ port }) => ({ port, protocol: 'TCP' })),
  });
}
