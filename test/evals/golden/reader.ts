import { TargetError } from '../../../connectors/targets/errors.ts';
import type { KubernetesReader } from '../../../connectors/targets/kubernetes/api.ts';
import type { ClusterObjects } from './cluster.ts';

/** A cluster that holds the pod of a golden incident and what belongs to it. `unreadable`: why nothing can be read there. */
export function goldenReader(
  { cluster, pod, controller, services, account, bindings, replicaSets }: ClusterObjects,
  { unreadable, now }: { readonly unreadable: string | undefined; readonly now: () => Date },
): KubernetesReader {
  const isHere = (namespace: string): boolean => namespace === pod.metadata.namespace;
  return {
    cluster: { name: cluster, protectedNamespaces: new Set(), protectedNames: new Set() },
    now,
    async getPod(namespace, name) {
      if (unreadable !== undefined) throw new TargetError('unreachable', unreadable);
      return isHere(namespace) && name === pod.metadata.name ? pod : undefined;
    },
    getOwnerChain: async () => ({ controllers: [controller] }),
    getReplicaSets: async () => replicaSets,
    getServiceAccount: async (namespace, name) =>
      isHere(namespace) && name === account.metadata.name ? account : undefined,
    getBindingsOf: async ({ namespace, name }) => (isHere(namespace) && name === account.metadata.name ? bindings : []),
    getBinding: async (kind, _, name) =>
      bindings.find((binding) => binding.kind === kind && binding.metadata.name === name),
    getRoleRules: async () => undefined,
    getServices: async () => services,
    getEndpointSlices: async () => [],
    getNetworkPolicies: async () => [],
    getPolicyEndpoints: async () => undefined,
    getPods: async (namespace) => (isHere(namespace) ? [pod] : []),
    getNode: async () => undefined,
    getWorkload: async () => undefined,
    getScale: async () => undefined,
    getRevisions: async () => [],
    getJobs: async () => [],
    getScalers: async () => ({ found: [], unread: [] }),
  };
}
