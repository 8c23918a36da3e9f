import type { ClusterFacts, OwnerChain } from './api.ts';
import type { Pod } from './schema.ts';

/** Where the manifests Parapet renders put its own accounts. */
export const OWN_NAMESPACE = 'parapet';

/** Always protected, whatever the configuration says (reference/containment.md, decision 8). */
export const ALWAYS_PROTECTED: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', OWN_NAMESPACE];

/** An annotation (or label) by which the owner of an object keeps Parapet away from it. */
export const PROTECTED_MARK = 'parapet.io/protected';

const NAME_PREFIXES = ['system:', 'eks:'];
const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export interface Guarded {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Why an object is never changed, in words for people; undefined: it is not protected. */
export function protectionOf(cluster: ClusterFacts, object: Guarded): string | undefined {
  const { kind, namespace, name, labels = {}, annotations = {} } = object;
  if (namespace !== undefined && cluster.protectedNamespaces.has(namespace))
    return `namespace ${namespace} is protected; nothing in it is ever changed`;
  const full = namespace === undefined ? name : `${namespace}/${name}`;
  if (cluster.protectedNames.has(name) || cluster.protectedNames.has(full))
    return `${kind} ${full} is one of the protected names of the configuration; it is never changed`;
  const prefix = NAME_PREFIXES.find((start) => name.startsWith(start));
  if (prefix !== undefined) return `a ${kind} whose name starts with ${prefix} is never changed`;
  if (annotations[PROTECTED_MARK] === 'true' || labels[PROTECTED_MARK] === 'true')
    return `${kind} ${full} is marked ${PROTECTED_MARK}=true; it is never changed`;
  if (kind === 'Node' && isControlPlane(labels))
    return `node ${name} belongs to the control plane; it is never changed`;
  return undefined;
}

/** A pod is protected with what controls it: whoever marks a Deployment means its pods. */
export function protectionOfPod(
  cluster: ClusterFacts,
  { metadata }: Pod,
  namespace: string,
  { controllers }: OwnerChain,
): string | undefined {
  return [{ kind: 'Pod', metadata }, ...controllers]
    .map((one) => protectionOf(cluster, { kind: one.kind, ...one.metadata, namespace }))
    .find((reason) => reason !== undefined);
}

export function isControlPlane(labels: Readonly<Record<string, string>>): boolean {
  return CONTROL_PLANE.some((label) => Object.hasOwn(labels, label));
}
