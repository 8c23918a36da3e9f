import type { LabelSelector, NetworkPolicy, PolicyPeer } from './schema.ts';
import { type Labels, selects } from './selector.ts';

export type Direction = 'ingress' | 'egress';

/** Traffic that a policy still lets through, in words for people. */
export interface Allow {
  readonly policy: string;
  readonly direction: Direction;
  readonly description: string;
}

/** What all NetworkPolicies of a namespace together do to one pod. */
export interface Isolation {
  /** Some policy selects the pod for this direction, so that everything not allowed is denied. */
  readonly isolatedIngress: boolean;
  readonly isolatedEgress: boolean;
  readonly remainingAllows: readonly Allow[];
}

const EVERYTHING: LabelSelector = { matchLabels: {}, matchExpressions: [] };

/**
 * The union of policies (networking.k8s.io/v1 is additive: a policy can only allow, never take away what another allows).
 * Not seen here, because they are other APIs: AdminNetworkPolicy, and the policies of Calico and Cilium. Always reachable
 * whatever this says: traffic between the pod and its own node.
 * @param policies every NetworkPolicy of the pod's namespace
 */
export function isolationOf(labels: Labels, policies: readonly NetworkPolicy[]): Isolation {
  const selecting = policies.filter((policy) => selectsPod(policy, labels));
  const ingress = selecting.filter((policy) => directionsOf(policy).includes('ingress'));
  const egress = selecting.filter((policy) => directionsOf(policy).includes('egress'));
  return {
    isolatedIngress: ingress.length > 0,
    isolatedEgress: egress.length > 0,
    remainingAllows: [
      ...ingress.flatMap((policy) =>
        (policy.spec?.ingress ?? []).map((rule) => allow(policy, 'ingress', rule.from, rule.ports)),
      ),
      ...egress.flatMap((policy) =>
        (policy.spec?.egress ?? []).map((rule) => allow(policy, 'egress', rule.to, rule.ports)),
      ),
    ],
  };
}

/** Nothing may come in and nothing may go out, as far as NetworkPolicies say. */
export function deniesEverything(isolation: Isolation): boolean {
  return isolation.isolatedIngress && isolation.isolatedEgress && isolation.remainingAllows.length === 0;
}

export function selectsPod(policy: NetworkPolicy, labels: Labels): boolean {
  return selects(policy.spec?.podSelector ?? EVERYTHING, labels);
}

/** Without `policyTypes`: always ingress, and egress only where the policy has egress rules (API reference, NetworkPolicySpec). */
export function directionsOf(policy: NetworkPolicy): readonly Direction[] {
  const types = policy.spec?.policyTypes ?? [];
  if (types.length === 0) return (policy.spec?.egress ?? []).length > 0 ? ['ingress', 'egress'] : ['ingress'];
  return [
    ...(types.includes('Ingress') ? ['ingress' as const] : []),
    ...(types.includes('Egress') ? ['egress' as const] : []),
  ];
}

interface Port {
  readonly protocol?: string | undefined;
  readonly port?: number | string | undefined;
  readonly endPort?: number | undefined;
}

function allow(
  policy: NetworkPolicy,
  direction: Direction,
  peers: readonly PolicyPeer[],
  ports: readonly Port[],
): Allow {
  const whom = peers.length === 0 ? 'anywhere' : peers.map(describePeer).join(', ');
  const where = ports.length === 0 ? 'all ports' : ports.map(describePort).join(', ');
  return {
    policy: policy.metadata.name,
    direction,
    description: `${direction === 'ingress' ? 'from' : 'to'} ${whom} on ${where}`,
  };
}

function describePeer(peer: PolicyPeer): string {
  if (peer.ipBlock) {
    const { cidr, except } = peer.ipBlock;
    return except.length === 0 ? cidr : `${cidr} except ${except.join(' and ')}`;
  }
  const pods = peer.podSelector ? describeSelector('pods', peer.podSelector) : 'all pods';
  return peer.namespaceSelector ? `${pods} of ${describeSelector('namespaces', peer.namespaceSelector)}` : pods;
}

function describeSelector(what: string, { matchLabels, matchExpressions }: LabelSelector): string {
  const terms = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values }) =>
      values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(', ')})`,
    ),
  ];
  return terms.length === 0 ? `all ${what}` : `${what} with ${terms.join(' and ')}`;
}

function describePort({ protocol, port, endPort }: Port): string {
  const name = protocol ?? 'TCP';
  if (port === undefined) return `every ${name} port`;
  return endPort === undefined ? `${name} ${port}` : `${name} ${port}-${endPort}`;
}
