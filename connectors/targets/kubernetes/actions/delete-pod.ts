import type { ActionDefinition, PlannedRequest, PreparedOn, Preview } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesReader, KubernetesWriter, OwnerChain } from '../api.ts';
import { kubectlDelete } from '../kubectl.ts';
import { resourcePath } from '../names.ts';
import { protectionOfPod } from '../protected.ts';
import { deletion } from '../requests.ts';
import type { Pod } from '../schema.ts';
import { attempt, type Standing } from './attempt.ts';
import { LABELS_BEFORE_ANNOTATION, QUARANTINE_LABEL } from './quarantine-plan.ts';
import { check, goneWith, refusal, settled, undoing, verification } from './steps.ts';

/**
 * Ends one pod (reference/containment.md, section 6). The uid is a precondition of the request, so that a successor with
 * the same name is never hit. What was in memory and on the pod's own disk is lost: it has no inverse, so that it can
 * never be automatic (rule 5).
 */
export const deletePod: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.delete-pod',
  title: 'Delete a pod',
  class: 'workload',
  reversible: false,
  // A pod is given 30 seconds to end by default, and more where it asks for it.
  settlesWithinSeconds: 90,
  permissions: {
    read: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'], why: 'uid of the pod, and whether it is in quarantine' },
      {
        apiGroups: ['apps'],
        resources: ['replicasets', 'deployments', 'statefulsets', 'daemonsets'],
        verbs: ['get'],
        why: 'who would start a replacement',
      },
      { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['get'], why: 'the same for jobs' },
    ],
    write: [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'], why: 'delete the pod' }],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const { namespace } = target;
    if (target.kind !== 'Pod' || namespace === undefined) return refusal('unsupported', 'only a pod can be deleted');
    const pod = await read.getPod(namespace, target.name);
    if (pod === undefined) return refusal('gone', `pod ${namespace}/${target.name} no longer exists`);
    if (pod.metadata.uid !== target.uid) return refusal('replaced', 'another pod has taken the name');
    if (pod.metadata.deletionTimestamp !== undefined) return refusal('gone', 'the pod is being deleted already');
    const owners = await read.getOwnerChain(namespace, pod.metadata.ownerReferences);
    const guard = protectionOfPod(read.cluster, pod, namespace, owners);
    if (guard !== undefined) return refusal('protected', guard);
    const obstacle = obstacleOf(pod, owners);
    if (obstacle !== undefined) return refusal('unsupported', obstacle);
    const plan = planDeletion(pod, namespace, owners);
    return {
      ok: true,
      prepared: {
        action: 'kubernetes.delete-pod',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        ...plan,
        inverse: [],
      },
      preview: previewDeletion(target, pod, owners),
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, prepared) {
    const pod = await read.getPod(namespaceOf(prepared.target), prepared.target.name);
    const at = read.now();
    if (pod === undefined || pod.metadata.uid !== prepared.target.uid)
      return goneWith(at, `pod ${prepared.target.name}`);
    const ending = pod.metadata.deletionTimestamp !== undefined;
    return verification(
      at,
      [check('target-gone', false, ending ? 'the pod is still ending' : 'the pod was not deleted')],
      ending ? 'partial' : 'failed',
    );
  },

  rollBack: (write, prepared) =>
    undoing(write, async () => {
      const pod = await write.getPod(namespaceOf(prepared.target), prepared.target.name);
      return pod?.metadata.uid === prepared.target.uid && pod.metadata.deletionTimestamp === undefined
        ? { outcome: 'nothing-to-undo', said: 'the pod was not deleted' }
        : { outcome: 'failed', said: 'a deleted pod cannot be brought back; its controller starts another one' };
    }),
};

function isQuarantined({ metadata }: Pod): boolean {
  return (
    metadata.labels[QUARANTINE_LABEL] !== undefined && metadata.annotations[LABELS_BEFORE_ANNOTATION] !== undefined
  );
}

/** Pods whose deletion takes more than one replica away, or brings nothing. A quarantined pod has been replaced before. */
function obstacleOf(pod: Pod, { controllers, unresolved }: OwnerChain): string | undefined {
  if (pod.metadata.annotations['kubernetes.io/config.mirror'] !== undefined)
    return 'the pod is a static pod: the kubelet runs it from a file, whatever the API server stores';
  if (isQuarantined(pod)) return undefined;
  // Whether an owner that cannot be read is protected is not known either.
  if (unresolved !== undefined)
    return `its owner ${unresolved.kind} ${unresolved.name} could not be read (${unresolved.reason}), so that nobody knows what would replace the pod`;
  const direct = controllers[0];
  if (direct === undefined) return 'the pod has no controller: nothing would replace it';
  if (direct.kind === 'DaemonSet' || direct.kind === 'StatefulSet')
    return `the pod belongs to ${direct.kind} ${direct.metadata.name}, whose pods are no interchangeable replicas: put it in quarantine, or scale the workload to zero`;
  return undefined;
}

function planDeletion({ metadata }: Pod, namespace: string, { controllers }: OwnerChain) {
  const path = resourcePath({ group: '', version: 'v1', plural: 'pods', namespace, name: metadata.name });
  const requests: PlannedRequest[] = [deletion(path, { uid: metadata.uid }, 'delete the pod')];
  return { beforeState: { uid: metadata.uid, controller: controllers[0]?.metadata.uid ?? null }, requests };
}

async function standingOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Standing> {
  const namespace = namespaceOf(prepared.target);
  const pod = await write.getPod(namespace, prepared.target.name);
  if (pod === undefined) return settled('already-applied', 'the pod no longer exists');
  if (pod.metadata.uid !== prepared.target.uid)
    return settled('already-applied', 'the pod no longer exists; another one has taken its name and is left alone');
  if (pod.metadata.deletionTimestamp !== undefined) return settled('already-applied', 'the pod is being deleted');
  const owners = await write.getOwnerChain(namespace, pod.metadata.ownerReferences);
  const guard = protectionOfPod(write.cluster, pod, namespace, owners) ?? obstacleOf(pod, owners);
  if (guard !== undefined) return settled('refused', guard);
  const { requests, beforeState } = planDeletion(pod, namespace, owners);
  const approved = { requests: prepared.requests, beforeState: prepared.beforeState };
  if (canonicalJson({ requests, beforeState }) !== canonicalJson(approved))
    return settled('changed', 'the pod has got another controller since this was planned; plan again');
  return { kind: 'ready', requests: prepared.requests };
}

function previewDeletion(target: KubernetesTarget, pod: Pod, { controllers }: OwnerChain): Preview {
  const name = `${target.namespace}/${target.name}`;
  const direct = controllers[0];
  const twin =
    direct === undefined
      ? 'The pod is in quarantine and was replaced before: nothing takes its place, unless it belonged to a StatefulSet, which was waiting for its name.'
      : `${direct.kind} ${direct.metadata.name} starts another pod from the same image at once, which is as vulnerable as this one.`;
  return {
    title: `Delete pod ${name} in ${target.cluster}`,
    summary: 'The pod ends, and what runs in it. This cannot be undone.',
    commands: [kubectlDelete('pod', target)],
    blastRadius: [`Everything in pod ${name} stops.`, twin],
    undo: 'Not possible: a deleted pod is gone.',
    warnings: [
      'Evidence is lost: the memory of its processes, its own files and its logs. Take what is needed before.',
      ...(isQuarantined(pod)
        ? []
        : ['The pod is not in quarantine: that would stop its network and keep the evidence.']),
      'If the node cannot be reached, its processes may live on although the pod is gone from the API.',
    ],
  };
}

function namespaceOf({ namespace }: KubernetesTarget): string {
  if (namespace === undefined) throw new TargetError('invalid', 'the plan names a pod without its namespace');
  return namespace;
}
