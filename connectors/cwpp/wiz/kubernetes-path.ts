/** What a `k8s/…` id of Wiz names. The cluster is a hash of Wiz, or whatever the connector calls it. */
export interface KubernetesPath {
  readonly kind: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Of a container only. */
  readonly container?: string;
}

/** Kinds whose path has a namespace: `k8s/<kind>/<cluster>/<namespace>/<name>`, a container `…/<pod>/<container>`. */
const NAMESPACED = new Set([
  'pod',
  'container',
  'deployment',
  'replicaset',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
  'serviceaccount',
]);

export function parseKubernetesPath(id: string | undefined): KubernetesPath | undefined {
  const [prefix, kind, cluster, namespace, name, container, ...more] = (id ?? '').slice(0, 1024).split('/');
  if (prefix !== 'k8s' || !kind || !cluster || !namespace || !name) return undefined;
  const known = kind.toLowerCase();
  if (!NAMESPACED.has(known) || more.length > 1) return undefined;
  return {
    kind: known,
    cluster,
    namespace,
    name,
    ...(known === 'container' && container ? { container } : {}),
  };
}
