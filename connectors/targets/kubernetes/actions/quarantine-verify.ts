import type { PreparedOn, Verification } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import type { KubernetesReader } from '../api.ts';
import { isolationOf } from '../network-policy.ts';
import type { EndpointSlice, NetworkPolicy, Pod, PolicyEndpoint } from '../schema.ts';
import { isDenyAll, policyName, QUARANTINE_LABEL } from './quarantine-plan.ts';

type Check = Verification['checks'][number];

/** Reads pod, policies and endpoints and says what holds now. */
export async function verifyQuarantine(
  read: KubernetesReader,
  prepared: PreparedOn<KubernetesTarget>,
  id: string,
  namespace: string,
): Promise<Verification> {
  const verifiedAt = read.now().toISOString();
  const pod = await read.getPod(namespace, prepared.target.name);
  if (pod === undefined || pod.metadata.uid !== prepared.target.uid)
    return noLongerThere(verifiedAt, pod !== undefined);
  const [policies, slices, published] = await Promise.all([
    read.getNetworkPolicies(namespace),
    read.getEndpointSlices(namespace),
    read.getPolicyEndpoints(namespace),
  ]);
  const label = labelled(pod, id);
  const policy = policyInPlace(policies, id);
  const others = [outOfServices(pod, slices), ...deniedBothWays(pod, policies)];
  return {
    result: resultOf([label, policy], others),
    enforcement: label.ok && policy.ok ? enforcementOf(published, id, prepared.target.name) : 'none',
    checks: [label, policy, ...others],
    verifiedAt,
  };
}

/** Without label or policy nothing is isolated; with both, what others allow or still route makes it partial. */
function resultOf(basic: readonly Check[], others: readonly Check[]): Verification['result'] {
  if (basic.some(({ ok }) => !ok)) return 'failed';
  return others.every(({ ok }) => ok) ? 'contained' : 'partial';
}

/** The process that was to be isolated is gone with its pod; its successor was not asked about. */
function noLongerThere(verifiedAt: string, successor: boolean): Verification {
  return {
    result: 'contained',
    enforcement: 'not-applicable',
    checks: [
      {
        name: 'pod-gone',
        ok: true,
        detail: successor
          ? 'the pod no longer exists; another pod has taken its name and is not in quarantine'
          : 'the pod no longer exists',
      },
    ],
    verifiedAt,
  };
}

function labelled(pod: Pod, id: string): Check {
  const found = pod.metadata.labels[QUARANTINE_LABEL];
  return {
    name: 'quarantine-label',
    ok: found === id,
    detail: found === id ? `the pod has ${QUARANTINE_LABEL}=${id}` : `the pod lacks ${QUARANTINE_LABEL}=${id}`,
  };
}

function policyInPlace(policies: readonly NetworkPolicy[], id: string): Check {
  const ours = policies.find(({ metadata }) => metadata.name === policyName(id));
  const ok = ours !== undefined && isDenyAll(ours, id);
  const state = ours === undefined ? 'does not exist' : 'was changed and no longer denies everything';
  return {
    name: 'policy-in-place',
    ok,
    detail: `NetworkPolicy ${policyName(id)} ${ok ? 'denies all traffic of the label' : state}`,
  };
}

function outOfServices(pod: Pod, slices: readonly EndpointSlice[]): Check {
  const still = slices.filter(({ endpoints }) =>
    endpoints.some(
      ({ addresses, targetRef }) =>
        targetRef?.uid === pod.metadata.uid ||
        (pod.status?.podIP !== undefined && addresses.includes(pod.status.podIP)),
    ),
  );
  const names = still.map(({ metadata }) => metadata.labels['kubernetes.io/service-name'] ?? metadata.name);
  return {
    name: 'out-of-services',
    ok: still.length === 0,
    detail:
      still.length === 0 ? 'no Service leads to the pod' : `still an endpoint of ${[...new Set(names)].join(', ')}`,
  };
}

function deniedBothWays(pod: Pod, policies: readonly NetworkPolicy[]): Check[] {
  const isolation = isolationOf(pod.metadata.labels, policies);
  return (['ingress', 'egress'] as const).map((direction) => {
    const isolated = direction === 'ingress' ? isolation.isolatedIngress : isolation.isolatedEgress;
    const allows = isolation.remainingAllows.filter((allow) => allow.direction === direction);
    const because = isolated
      ? allows
          .map(({ policy, description }) => `NetworkPolicy ${policy} still allows ${direction} ${description}`)
          .join('; ')
      : `no NetworkPolicy isolates the pod for ${direction}`;
    const ok = isolated && allows.length === 0;
    return { name: `${direction}-denied`, ok, detail: ok ? `all policies together deny ${direction}` : because };
  });
}

/**
 * The API accepts a policy whether or not anything enforces it. A PolicyEndpoint that names our policy and our pod shows
 * that the Amazon VPC CNI's controller handed it to the node agents; that is the only proof read here.
 */
function enforcementOf(
  published: readonly PolicyEndpoint[] | undefined,
  id: string,
  pod: string,
): Verification['enforcement'] {
  const proven = (published ?? []).some(
    ({ spec }) => spec.policyRef.name === policyName(id) && spec.podSelectorEndpoints.some(({ name }) => name === pod),
  );
  return proven ? 'proven' : 'assumed';
}
