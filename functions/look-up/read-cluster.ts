import type { KubernetesReader } from '../../connectors/targets/kubernetes/api.ts';
import type { Meter } from '../../connectors/targets/kubernetes/client.ts';
import { type KubernetesPart, readPod } from '../../connectors/targets/kubernetes/read-pod.ts';
import type { ClusterConfiguration } from '../../domain/config/schema.ts';
import type { Entity, EvidencePack } from '../../domain/evidence/pack.ts';
import type { LookUpOutput } from '../../domain/models/tools.ts';
import { podNameOf } from './focus.ts';
import { refused, type Subject } from './subject.ts';

export interface ClusterDeps {
  readonly clusters: readonly ClusterConfiguration[];
  /** A reader for one invocation; it counts what it costs into `meter`. */
  readonly reader: (cluster: ClusterConfiguration, meter: Meter) => KubernetesReader;
  readonly now: () => Date;
}

/** What the cluster says of a pod, or of the pod through which a workload or principal is known to the evidence. */
export async function readCluster(
  deps: ClusterDeps,
  { pack }: Subject,
  part: Extract<KubernetesPart, 'identity' | 'recent-deployments'>,
  entity: Entity,
): Promise<LookUpOutput> {
  const pod = podOf(pack, entity);
  if (pod === undefined) return refused('the evidence knows no pod of it, and a cluster is read pod by pod');
  const cluster = deps.clusters.find(({ name }) => name === pod.cluster);
  if (cluster === undefined) return refused('its cluster is not in the configuration');
  const started = deps.now();
  const meter: Meter = { calls: 0, bytes: 0 };
  const at = { cluster: pod.cluster, observedAt: started.toISOString() };
  const drafts = await readPod(deps.reader(cluster, meter), at, part, pod);
  return {
    outcome: 'answered',
    drafts,
    cost: { ...meter, milliseconds: deps.now().getTime() - started.getTime() },
  };
}

function podOf(pack: EvidencePack, entity: Entity) {
  if (entity.kind === 'pod') return podNameOf(entity);
  const beside = pack.items.filter(({ entities }) => entities.includes(entity.id)).flatMap(({ entities }) => entities);
  return pack.entities.filter(({ id }) => beside.includes(id)).flatMap((other) => podNameOf(other) ?? [])[0];
}
