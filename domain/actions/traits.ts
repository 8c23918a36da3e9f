import type { ExecutableAction } from '../analysis/analysis.ts';
import type { ActionClass } from './action.ts';
import type { ActionTarget } from './target.ts';

export interface ActionTraits {
  readonly class: ActionClass;
  readonly reversible: boolean;
  /** Reaches more than one replica, one credential or one binding: a whole workload, host or identity. */
  readonly wide: boolean;
}

/**
 * What rights and quorums look at. It is said here beside the catalogue, because pages and mails must know it without the
 * code that acts; a test holds the two against each other.
 */
export const ACTION_TRAITS: Readonly<Record<ExecutableAction, ActionTraits>> = {
  'kubernetes.annotate': { class: 'annotation', reversible: true, wide: false },
  'kubernetes.cordon-node': { class: 'workload', reversible: true, wide: false },
  'kubernetes.quarantine-pod': { class: 'network-isolation', reversible: true, wide: false },
  'kubernetes.scale-to-zero': { class: 'workload', reversible: true, wide: true },
  'kubernetes.delete-pod': { class: 'workload', reversible: false, wide: false },
  'kubernetes.rollout-undo': { class: 'workload', reversible: true, wide: true },
  'kubernetes.remove-role-binding': { class: 'identity', reversible: true, wide: false },
  'aws.tag-resource': { class: 'annotation', reversible: true, wide: false },
  'aws.snapshot-volumes': { class: 'evidence', reversible: false, wide: false },
  'aws.isolate-instance': { class: 'network-isolation', reversible: true, wide: true },
  'aws.revoke-role-sessions': { class: 'identity', reversible: true, wide: false },
  'aws.deny-all': { class: 'identity', reversible: true, wide: true },
  'aws.deactivate-access-key': { class: 'identity', reversible: true, wide: false },
  'aws.remove-eks-access-entry': { class: 'identity', reversible: true, wide: true },
  'prisma-cloud-compute.acknowledge-incident': { class: 'vendor', reversible: true, wide: false },
  'prisma-cloud.snooze-alert': { class: 'vendor', reversible: true, wide: false },
  'prisma-cloud.dismiss-alert': { class: 'vendor', reversible: true, wide: false },
  'wiz.acknowledge-issue': { class: 'vendor', reversible: true, wide: false },
  'wiz.comment-issue': { class: 'vendor', reversible: true, wide: false },
  'wiz.resolve-issue': { class: 'vendor', reversible: true, wide: false },
  'wiz.forensics-copy': { class: 'evidence', reversible: false, wide: false },
  'lacework.comment-alert': { class: 'vendor', reversible: false, wide: false },
  'lacework.close-alert': { class: 'vendor', reversible: false, wide: false },
};

/** A mark, a copy or an answer at the vendor holds, and stops nothing: neither outcome nor time of containment is theirs. */
export function contains(of: ActionClass): boolean {
  return of !== 'annotation' && of !== 'evidence' && of !== 'vendor';
}

/** Why one person is not enough for this action on this target; undefined: one is. */
export function whyFourEyes(action: ExecutableAction, target: ActionTarget): string | undefined {
  const { reversible, wide } = ACTION_TRAITS[action];
  if (!reversible) return 'it cannot be undone';
  if (wide) return 'it reaches further than one replica or one credential';
  return isClusterWide(target) ? 'it changes the whole cluster' : undefined;
}

/** Of a cluster and of none of its namespaces. A node is one machine, not the cluster. */
function isClusterWide(target: ActionTarget): boolean {
  return target.system === 'kubernetes' && target.namespace === undefined && target.kind !== 'Node';
}
