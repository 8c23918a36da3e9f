import type { ActionDefinition, Preparation, PreparedOn } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesReader, KubernetesWriter } from '../api.ts';
import { protectionOf, protectionOfPod } from '../protected.ts';
import { deletion } from '../requests.ts';
import type { NetworkPolicy, Pod } from '../schema.ts';
import { attempt, type Failure, type Standing } from './attempt.ts';
import {
  isDenyAll,
  isOurs,
  planQuarantine,
  policyName,
  policyPath,
  QUARANTINE_LABEL,
  quarantineId,
  type Surroundings,
} from './quarantine-plan.ts';
import { previewQuarantine } from './quarantine-preview.ts';
import { rollBackQuarantine } from './quarantine-roll-back.ts';
import { verifyQuarantine } from './quarantine-verify.ts';

const NOT_OK = (code: Extract<Preparation, { ok: false }>['code'], reason: string): Preparation => ({
  ok: false,
  code,
  reason,
});

/** Isolates one pod on the network and keeps it as evidence (reference/containment.md, section 4). */
export const quarantinePod: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.quarantine-pod',
  title: 'Quarantine a pod',
  class: 'network-isolation',
  reversible: true,
  permissions: {
    read: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'], why: 'labels, uid and host network of the pod' },
      {
        apiGroups: ['apps'],
        resources: ['replicasets', 'deployments', 'statefulsets', 'daemonsets'],
        verbs: ['get'],
        why: 'labels by which its controller counts the pod',
      },
      { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['get'], why: 'the same for jobs' },
      { apiGroups: [''], resources: ['services'], verbs: ['list'], why: 'labels by which Services select the pod' },
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        verbs: ['list'],
        why: 'whether Services still lead to the pod',
      },
      {
        apiGroups: ['networking.k8s.io'],
        resources: ['networkpolicies'],
        verbs: ['list'],
        why: 'what all policies together allow',
      },
      {
        apiGroups: ['networking.k8s.aws'],
        resources: ['policyendpoints'],
        verbs: ['list'],
        why: 'proof of enforcement on Amazon EKS',
      },
    ],
    write: [
      { apiGroups: [''], resources: ['pods'], verbs: ['patch'], why: 'change the labels of the pod' },
      {
        apiGroups: ['networking.k8s.io'],
        resources: ['networkpolicies'],
        verbs: ['create', 'patch', 'delete'],
        why: 'apply the deny-all policy and remove it again; applying a new object needs create beside patch',
      },
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const { namespace } = target;
    if (target.kind !== 'Pod' || namespace === undefined)
      return NOT_OK('unsupported', 'only a pod can be put in quarantine');
    const place = protectionOf(read.cluster, { kind: 'Pod', namespace, name: target.name });
    if (place !== undefined) return NOT_OK('protected', place);
    const pod = await read.getPod(namespace, target.name);
    if (pod === undefined) return NOT_OK('gone', `pod ${namespace}/${target.name} no longer exists`);
    if (pod.metadata.uid !== target.uid) return NOT_OK('replaced', replacedBy(pod));
    const obstacle = obstacleOf(pod, quarantineId(incidentId, actionId));
    if (obstacle !== undefined) return obstacle;
    const id = quarantineId(incidentId, actionId);
    const around = await surroundingsOf(read, pod, namespace, id);
    const guard = protectionOfPod(read.cluster, pod, namespace, around.owners);
    if (guard !== undefined) return NOT_OK('protected', guard);
    const plan = planQuarantine(incidentId, actionId, around);
    return {
      ok: true,
      prepared: {
        action: 'kubernetes.quarantine-pod',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        beforeState: plan.beforeState,
        requests: plan.requests,
        inverse: plan.inverse,
      },
      preview: previewQuarantine(target, id, plan, around),
    };
  },

  async apply(write, prepared) {
    const { id, namespace } = identityOf(prepared);
    return await attempt(
      write,
      () => standingOf(write, prepared, namespace, id),
      (failure, record) => removeUnusedPolicy(write, failure, namespace, id, record),
    );
  },

  async verify(read, prepared) {
    const { id, namespace } = identityOf(prepared);
    return await verifyQuarantine(read, prepared, id, namespace);
  },

  async rollBack(write, prepared) {
    const { id, namespace } = identityOf(prepared);
    return await rollBackQuarantine(write, prepared, id, namespace);
  },
};

function identityOf({ incidentId, actionId, target }: PreparedOn<KubernetesTarget>): {
  readonly id: string;
  readonly namespace: string;
} {
  if (target.namespace === undefined) throw new TargetError('invalid', 'the plan names a pod without its namespace');
  return { id: quarantineId(incidentId, actionId), namespace: target.namespace };
}

const replacedBy = ({ metadata }: Pod): string => `another pod has taken the name (its uid is ${metadata.uid})`;

/** Why a pod that exists cannot be isolated this way. */
function obstacleOf(pod: Pod, id: string): Preparation | undefined {
  const { labels, annotations } = pod.metadata;
  const phase = pod.status?.phase;
  const held = labels[QUARANTINE_LABEL];
  if (pod.spec.hostNetwork === true)
    return NOT_OK(
      'unsupported',
      'the pod uses the network of its node, to which NetworkPolicy does not apply: isolate the node',
    );
  if (annotations['kubernetes.io/config.mirror'] !== undefined)
    return NOT_OK(
      'unsupported',
      'the pod is a static pod: the kubelet runs it from a file, whatever the API server stores',
    );
  if (phase === 'Succeeded' || phase === 'Failed') return NOT_OK('gone', `the pod has ended (${phase})`);
  if (held !== undefined && held !== id)
    return NOT_OK('unsupported', `the pod is already in quarantine (${QUARANTINE_LABEL}=${held})`);
  return undefined;
}

async function surroundingsOf(read: KubernetesReader, pod: Pod, namespace: string, id: string): Promise<Surroundings> {
  const [owners, services, policies] = await Promise.all([
    read.getOwnerChain(namespace, pod.metadata.ownerReferences),
    read.getServices(namespace),
    read.getNetworkPolicies(namespace),
  ]);
  return { pod, owners, services, policies: policies.filter(({ metadata }) => metadata.name !== policyName(id)) };
}

/** Reads everything again and compares it with what was approved: planning anew must give the very same requests. */
async function standingOf(
  write: KubernetesWriter,
  prepared: PreparedOn<KubernetesTarget>,
  namespace: string,
  id: string,
): Promise<Standing> {
  const settled = (outcome: Extract<Standing, { kind: 'settled' }>['outcome'], reason: string): Standing => ({
    kind: 'settled',
    outcome,
    reason,
  });
  const place = protectionOf(write.cluster, { kind: 'Pod', namespace, name: prepared.target.name });
  if (place !== undefined) return settled('refused', place);
  const pod = await write.getPod(namespace, prepared.target.name);
  if (pod === undefined) return settled('gone', 'the pod no longer exists');
  if (pod.metadata.uid !== prepared.target.uid) return settled('replaced', replacedBy(pod));
  const existing = (await write.getNetworkPolicies(namespace)).find(({ metadata }) => metadata.name === policyName(id));
  if (existing && !isOurs(existing))
    return settled('refused', `NetworkPolicy ${policyName(id)} exists and is not Parapet's; it is not overwritten`);
  if (pod.metadata.labels[QUARANTINE_LABEL] === id) return afterLabel(existing, prepared, id);
  const around = await surroundingsOf(write, pod, namespace, id);
  const guard = protectionOfPod(write.cluster, pod, namespace, around.owners);
  if (guard !== undefined) return settled('refused', guard);
  const plan = planQuarantine(prepared.incidentId, prepared.actionId, around);
  const approved = { beforeState: prepared.beforeState, requests: prepared.requests };
  if (canonicalJson({ beforeState: plan.beforeState, requests: plan.requests }) !== canonicalJson(approved))
    return settled('changed', 'labels of the pod, or what selects it, have changed since this was planned; plan again');
  return { kind: 'ready', requests: prepared.requests };
}

/** The pod carries the label already: by an earlier attempt, which is complete when its policy stands. */
function afterLabel(policy: NetworkPolicy | undefined, prepared: PreparedOn<KubernetesTarget>, id: string): Standing {
  if (policy && isDenyAll(policy, id))
    return { kind: 'settled', outcome: 'already-applied', reason: 'the pod is already in this quarantine' };
  return { kind: 'ready', requests: prepared.requests.slice(0, 1) };
}

/**
 * A policy without its pod isolates nobody, but would lie about it. It is removed when the pod's patch was surely not
 * taken; after a lost answer it stays, because the pod may carry the label.
 */
async function removeUnusedPolicy(
  write: KubernetesWriter,
  failure: Failure,
  namespace: string,
  id: string,
  record: Parameters<NonNullable<Parameters<typeof attempt>[2]>>[1],
): Promise<string> {
  const uid = uidOf(failure.done[0]?.answer);
  if (failure.dryRun || uid === undefined || failure.error.kind === 'unreachable') return '';
  try {
    await write.send(deletion(policyPath(namespace, id), { uid }, 'remove the unused policy'), {
      dryRun: false,
      record,
    });
    return '; the policy applied before was removed again';
  } catch (error) {
    if (error instanceof TargetError)
      return `; the policy ${policyName(id)} applied before is left behind, selects nothing, and could not be removed (${error.message})`;
    throw error;
  }
}

function uidOf(answer: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const metadata = answer?.['metadata'];
  return typeof metadata === 'object' && metadata !== null && 'uid' in metadata && typeof metadata.uid === 'string'
    ? metadata.uid
    : undefined;
}
