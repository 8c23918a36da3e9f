import type { PodName } from '../../connectors/targets/kubernetes/read-pod.ts';
import type { Workload } from '../../domain/workload.ts';

/** A storm over hundreds of replicas must not become hundreds of calls; what is left out becomes a gap. */
export const MOST_PODS = 10;

/** The pods of an incident, each once, in the order in which they were reported. */
export function podsOf(workloads: readonly Workload[]): readonly PodName[] {
  const pods = new Map<string, PodName>();
  for (const workload of workloads) {
    if (workload.kind !== 'pod') continue;
    const { cluster, namespace, pod } = workload;
    pods.set(JSON.stringify([cluster, namespace, pod]), { cluster, namespace, name: pod });
  }
  return [...pods.values()];
}
