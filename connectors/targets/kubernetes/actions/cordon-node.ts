import type { ActionDefinition, PreparedOn, Preview } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import type { KubernetesReader, KubernetesWriter } from '../api.ts';
import { kubectlPatch } from '../kubectl.ts';
import { protectionOf } from '../protected.ts';
import type { NodeObject } from '../schema-workloads.ts';
import { attempt, type Standing } from './attempt.ts';
import { placeOfTaint, planCordon, planUncordon, QUARANTINE_TAINT } from './cordon-plan.ts';
import {
  check,
  goneWith,
  type ObjectPlan,
  pinned,
  refusal,
  settled,
  type Undo,
  undoing,
  verification,
} from './steps.ts';

/**
 * Keeps new pods off a node (reference/containment.md, section 3). It is never drained: that would destroy what is to be
 * looked at and move what may be malicious to other nodes.
 */
export const cordonNode: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.cordon-node',
  title: 'Cordon a node',
  class: 'workload',
  reversible: true,
  permissions: {
    read: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'], why: 'uid, taints and labels of the node' }],
    write: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['patch'], why: 'mark the node unschedulable and taint it' },
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    if (target.kind !== 'Node') return refusal('unsupported', 'only a node can be cordoned');
    const node = await read.getNode(target.name);
    if (node === undefined) return refusal('gone', `node ${target.name} no longer exists`);
    if (node.metadata.uid !== target.uid) return refusal('replaced', 'another node has taken the name');
    const guard = protectionOf(read.cluster, { kind: 'Node', ...node.metadata });
    if (guard !== undefined) return refusal('protected', guard);
    if (placeOfTaint(node, { incidentId, actionId }) >= 0)
      return refusal('unsupported', 'the node is already cordoned by this action');
    const plan = planCordon({ incidentId, actionId }, node);
    return {
      ok: true,
      prepared: {
        action: 'kubernetes.cordon-node',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        ...plan,
      },
      preview: previewCordon(target, node, plan),
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, prepared) {
    const node = await read.getNode(prepared.target.name);
    const at = read.now();
    if (node === undefined || node.metadata.uid !== prepared.target.uid)
      return goneWith(at, `node ${prepared.target.name}`);
    const unschedulable = node.spec.unschedulable === true;
    const tainted = placeOfTaint(node, prepared) >= 0;
    return verification(at, [
      check('unschedulable', unschedulable, unschedulable ? 'no new pods are placed here' : 'the node takes new pods'),
      check(
        'quarantine-taint',
        tainted,
        `the node ${tainted ? 'has' : 'lacks'} the taint ${QUARANTINE_TAINT} of this incident`,
      ),
    ]);
  },

  rollBack: (write, prepared) => undoing(write, () => undoOf(write, prepared)),
};

async function standingOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Standing> {
  const node = await write.getNode(prepared.target.name);
  if (node === undefined) return settled('gone', 'the node no longer exists');
  if (node.metadata.uid !== prepared.target.uid) return settled('replaced', 'another node has taken the name');
  const guard = protectionOf(write.cluster, { kind: 'Node', ...node.metadata });
  if (guard !== undefined) return settled('refused', guard);
  if (placeOfTaint(node, prepared) >= 0)
    return node.spec.unschedulable === true
      ? settled('already-applied', 'the node is already cordoned by this action')
      : settled('changed', 'somebody made the node schedulable again; plan again');
  const { requests, beforeState } = planCordon(prepared, node);
  const same =
    canonicalJson({ requests, beforeState }) ===
    canonicalJson({ requests: prepared.requests, beforeState: prepared.beforeState });
  if (!same) return settled('changed', 'the node has changed since this was planned; plan again');
  return { kind: 'ready', requests: prepared.requests.map((request) => pinned(request, node.metadata)) };
}

/** The taint says that the cordon is ours: without it, another may have cordoned the node since, and it is left. */
async function undoOf(write: KubernetesWriter, prepared: PreparedOn<KubernetesTarget>): Promise<Undo> {
  const node = await write.getNode(prepared.target.name);
  if (node === undefined || node.metadata.uid !== prepared.target.uid)
    return { outcome: 'nothing-to-undo', said: 'the node no longer exists' };
  if (placeOfTaint(node, prepared) < 0)
    return { outcome: 'nothing-to-undo', said: `the node has no taint ${QUARANTINE_TAINT} of this incident` };
  const wasUnschedulable = prepared.beforeState['unschedulable'] === true;
  return {
    send: [pinned(planUncordon(prepared, node, wasUnschedulable), node.metadata)],
    said: wasUnschedulable
      ? 'the taint was removed; the node had been cordoned before and stays so'
      : 'the node takes pods again',
  };
}

function previewCordon(target: KubernetesTarget, node: NodeObject, plan: ObjectPlan): Preview {
  const [request] = plan.requests;
  const [inverse] = plan.inverse;
  const before = node.spec.unschedulable === true;
  return {
    title: `Cordon node ${target.name} in ${target.cluster}`,
    summary:
      'No new pods are placed on the node. Everything that runs on it keeps running; it is not drained, since that would destroy evidence and move what may be malicious to other nodes.',
    commands: request ? [kubectlPatch('node', target, request)] : [],
    blastRadius: [
      'The cluster loses the free capacity of this node; pods that fit nowhere else stay pending.',
      'Pods that tolerate every taint (most DaemonSets) are still placed here.',
    ],
    undo: `${before ? 'The taint is removed; the node was cordoned before and stays so' : 'The node takes pods again'}: ${inverse ? kubectlPatch('node', target, inverse) : ''}`,
    warnings: [
      ...(before ? ['The node is cordoned already, by somebody else: this only adds the taint.'] : []),
      autoscalerWarning(node),
      'What has escaped to the node is not stopped by this, and neither are its network connections.',
    ],
  };
}

/** Marks of node autoscalers (their documentation; unverified). */
function autoscalerWarning({ metadata }: NodeObject): string {
  const labels = Object.keys(metadata.labels);
  const manager = labels.some((key) => key.startsWith('karpenter.sh/'))
    ? 'Karpenter manages this node and'
    : labels.some((key) => key.startsWith('eks.amazonaws.com/nodegroup'))
      ? 'The node belongs to a managed node group, whose autoscaler or update'
      : 'A node autoscaler, if there is one,';
  return `${manager} may delete the node when it empties, and the evidence on it: protect it there as well.`;
}
