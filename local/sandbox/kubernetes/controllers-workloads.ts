import { isDeepStrictEqual } from 'node:util';
import type { ApiObject, ObjectStore } from './objects.ts';
import { ownerOf, recordOf, startPod } from './pods.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';
const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Deployments bring their ReplicaSets to what they want. A Deployment nobody changed is left as the scenario has it. */
export function rollOut(store: ObjectStore): void {
  for (const deployment of store.all('deployments')) {
    const { generation } = deployment.metadata;
    if (recordOf(deployment['status'])['observedGeneration'] === generation) continue;
    const sets = ownedBy(store, 'replicasets', deployment.metadata.uid);
    const spec = recordOf(deployment['spec']);
    const wanted = sets.find((set) =>
      isDeepStrictEqual(withoutHash(templateOf(set)), withoutHash(templateOf(deployment))),
    );
    const newest = Math.max(0, ...sets.map(revisionOf));
    const current = wanted ?? newReplicaSet(store, deployment, newest + 1);
    const revision = revisionOf(current) === newest && wanted ? newest : newest + 1;
    for (const set of [...sets.filter(({ metadata }) => metadata.uid !== current.metadata.uid), current]) {
      const isCurrent = set.metadata.uid === current.metadata.uid;
      store.put('replicasets', {
        ...set,
        metadata: isCurrent ? withRevision(set, revision) : set.metadata,
        spec: { ...recordOf(set['spec']), replicas: isCurrent ? (spec['replicas'] ?? 1) : 0 },
      });
    }
    store.put('deployments', { ...deployment, metadata: withRevision(deployment, revision) });
  }
}

/** What the controllers report after their pods have come and gone. */
export function reportDeployments(store: ObjectStore): void {
  for (const deployment of store.all('deployments')) {
    const revision = revisionOf(deployment);
    const counts = ownedBy(store, 'replicasets', deployment.metadata.uid).map((set) => ({
      current: revisionOf(set) === revision,
      pods: ownedBy(store, 'pods', set.metadata.uid).length,
    }));
    const sum = (list: typeof counts) => list.reduce((total, { pods }) => total + pods, 0);
    const updated = sum(counts.filter(({ current }) => current));
    store.put('deployments', {
      ...deployment,
      status: {
        observedGeneration: deployment.metadata.generation,
        ...positive({ replicas: sum(counts), updatedReplicas: updated, availableReplicas: updated }),
        conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }],
      },
    });
  }
}

/** Pods with ordinal names, the highest removed first. */
export function reconcileStatefulSets(store: ObjectStore): void {
  for (const set of store.all('statefulsets')) {
    const spec = recordOf(set['spec']);
    const wanted = typeof spec['replicas'] === 'number' ? spec['replicas'] : 1;
    for (const pod of ownedBy(store, 'pods', set.metadata.uid))
      if (Number(pod.metadata.name.slice(set.metadata.name.length + 1)) >= wanted) store.remove('pods', pod);
    for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
      const name = `${set.metadata.name}-${ordinal}`;
      if (store.get('pods', set.metadata.namespace, name) === undefined) startPod(store, set, templateOf(set), name);
    }
    const count = ownedBy(store, 'pods', set.metadata.uid).length;
    store.put('statefulsets', {
      ...set,
      status: {
        observedGeneration: set.metadata.generation,
        ...positive({ replicas: count, availableReplicas: count }),
      },
    });
  }
}

/** One pod on each node that the node selector fits. */
export function reconcileDaemonSets(store: ObjectStore): void {
  for (const set of store.all('daemonsets')) {
    const selector = recordOf(recordOf(templateOf(set)['spec'])['nodeSelector']);
    const fitting = store
      .all('nodes')
      .filter(({ metadata }) => Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value));
    const names = fitting.map(({ metadata }) => `${set.metadata.name}-${metadata.name.replaceAll('.', '-')}`);
    for (const pod of ownedBy(store, 'pods', set.metadata.uid))
      if (!names.includes(pod.metadata.name)) store.remove('pods', pod);
    for (const name of names)
      if (store.get('pods', set.metadata.namespace, name) === undefined) startPod(store, set, templateOf(set), name);
    store.put('daemonsets', {
      ...set,
      status: { observedGeneration: set.metadata.generation, currentNumberScheduled: names.length },
    });
  }
}

/** A job that is neither suspended nor finished has one pod; a suspended one has none. */
export function reconcileJobs(store: ObjectStore): void {
  for (const job of store.all('jobs')) {
    const spec = recordOf(job['spec']);
    const status = recordOf(job['status']);
    if (spec['template'] === undefined || status['conditions'] !== undefined) continue;
    const pods = ownedBy(store, 'pods', job.metadata.uid);
    if (spec['suspend'] === true) for (const pod of pods) store.remove('pods', pod);
    else if (pods.length === 0) startPod(store, job, templateOf(job), `${job.metadata.name}-x7k2p`);
    const active = ownedBy(store, 'pods', job.metadata.uid).length;
    store.put('jobs', { ...job, status: positive({ active }) });
  }
}

/** The node controller taints what is marked unschedulable, and takes its own taint away again. */
export function taintNodes(store: ObjectStore): void {
  for (const node of store.all('nodes')) {
    const { taints: listed, ...spec } = recordOf(node['spec']);
    const others = (Array.isArray(listed) ? listed : []).filter(
      (taint) => recordOf(taint)['key'] !== UNSCHEDULABLE_TAINT.key,
    );
    // At the front, so that nobody may rely on the place of a taint in the list.
    const taints = spec['unschedulable'] === true ? [UNSCHEDULABLE_TAINT, ...others] : others;
    store.put('nodes', { ...node, spec: { ...spec, ...(taints.length === 0 ? {} : { taints }) } });
  }
}

function ownedBy(store: ObjectStore, plural: string, uid: string): ApiObject[] {
  return store
    .all(plural)
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true),
    );
}

function templateOf(object: ApiObject): Record<string, unknown> {
  return recordOf(recordOf(object['spec'])['template']);
}

function withoutHash(template: Record<string, unknown>): unknown {
  const metadata = recordOf(template['metadata']);
  const { [HASH]: _hash, ...labels } = recordOf(metadata['labels']);
  return { ...template, metadata: { ...metadata, labels } };
}

function revisionOf({ metadata }: ApiObject): number {
  return Number(metadata.annotations?.[REVISION] ?? '0');
}

function withRevision({ metadata }: ApiObject, revision: number): ApiObject['metadata'] {
  return { ...metadata, annotations: { ...metadata.annotations, [REVISION]: String(revision) } };
}

function newReplicaSet(store: ObjectStore, deployment: ApiObject, revision: number): ApiObject {
  const hash = `r${revision}c8d7f6b5`;
  const template = templateOf(deployment);
  const metadata = recordOf(template['metadata']);
  const labels = { ...recordOf(metadata['labels']), [HASH]: hash };
  const { namespace } = deployment.metadata;
  return store.put('replicasets', {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [ownerOf(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  });
}

/** The real server leaves zeros out. */
function positive(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
