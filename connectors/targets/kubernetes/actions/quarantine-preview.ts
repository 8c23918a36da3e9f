import type { Preview } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import type { OwnerChain } from '../api.ts';
import { gitOpsManagerOf } from '../gitops.ts';
import { kubectlApply, kubectlDelete, kubectlPatch } from '../kubectl.ts';
import { isolationOf } from '../network-policy.ts';
import { policyName, type QuarantinePlan, type Surroundings } from './quarantine-plan.ts';

/** What a person reads before deciding on a quarantine. Made of facts and the catalogue's own words only. */
export function previewQuarantine(
  target: KubernetesTarget,
  id: string,
  plan: QuarantinePlan,
  around: Surroundings,
): Preview {
  const [applyPolicy, isolate] = plan.requests;
  const [restore] = plan.inverse;
  const pod = `${target.namespace}/${target.name}`;
  const policy = { namespace: target.namespace, name: policyName(id) };
  return {
    title: `Quarantine pod ${pod} in ${target.cluster}`,
    summary: `A NetworkPolicy denies all traffic of this one pod, and the pod is taken out of its Services and its controller. It keeps running, so that its memory and files stay available as evidence.`,
    commands: [
      ...(applyPolicy ? [kubectlApply(policy, applyPolicy)] : []),
      ...(isolate ? [kubectlPatch('pod', target, isolate)] : []),
    ],
    blastRadius: [
      `All traffic of pod ${pod} stops, in and out, name resolution included.`,
      plan.leavesServices.length === 0
        ? 'No Service leads to the pod, so none loses an endpoint.'
        : `The pod leaves ${plan.leavesServices.length === 1 ? 'Service' : 'Services'} ${plan.leavesServices.join(', ')}.`,
      controllerReaction(around.owners),
    ],
    undo: [
      'Give the pod its labels back and delete the policy:',
      ...(restore ? [kubectlPatch('pod', target, restore)] : []),
      kubectlDelete('networkpolicy', policy),
      'The controller then has one pod too many and removes one.',
    ].join('\n'),
    warnings: warnings(id, plan, around),
  };
}

function controllerReaction({ controllers, unresolved }: OwnerChain): string {
  const direct = controllers[0];
  if (direct === undefined)
    return unresolved
      ? `The pod belongs to ${unresolved.kind} ${unresolved.name}, which could not be read (${unresolved.reason}); whether it starts a replacement is not known.`
      : 'The pod has no controller: nothing replaces it.';
  const name = `${direct.kind} ${direct.metadata.name}`;
  switch (direct.kind) {
    case 'ReplicaSet':
    case 'Deployment':
      return `${name} no longer counts the pod and starts a replacement from the same image, which is as vulnerable as this one until the cause is fixed.`;
    case 'StatefulSet':
      return `${name} no longer counts the pod, but cannot start a replacement as long as this pod keeps its name: one replica less.`;
    case 'DaemonSet':
      return `${name} no longer counts the pod and starts a second one on the same node.`;
    case 'Job':
    case 'CronJob':
      return `${name} no longer counts the pod and may start another one.`;
  }
}

function warnings(id: string, plan: QuarantinePlan, around: Surroundings): string[] {
  const after = isolationOf(plan.labelsAfter, around.policies);
  const top = around.owners.controllers.at(-1);
  const manager = top ? gitOpsManagerOf(top.metadata) : undefined;
  return [
    'Connections that are open now may survive: Kubernetes leaves that to the network plug-in. If they must end at once, delete the pod after evidence was taken.',
    "Whether the cluster's network plug-in enforces NetworkPolicy is not known before it is applied; traffic between the pod and its own node is never covered.",
    ...after.remainingAllows.map(
      ({ policy, direction, description }) =>
        `NetworkPolicy ${policy} still selects the pod and allows ${direction} ${description}: a policy cannot deny what another one allows, so ${policyName(id)} alone will not isolate the pod.`,
    ),
    ...(around.owners.unresolved && around.owners.controllers.length > 0
      ? [
          `${around.owners.unresolved.kind} ${around.owners.unresolved.name} could not be read: ${around.owners.unresolved.reason}.`,
        ]
      : []),
    ...(manager && top
      ? [
          `${top.kind} ${top.metadata.name} is managed by ${manager}: the quarantine of a pod is not reverted by it, but a lasting fix must go through it.`,
        ]
      : []),
  ];
}
