import type { ExecutableAction } from '../analysis/analysis.ts';

export interface ActionWords {
  /** What undoes it, or null: nothing does, and it is never automatic. */
  readonly inverse: string | null;
  /** What is read afterwards, and must hold. */
  readonly verification: string;
}

/** What people read about the actions where no target is at hand: in `parapet actions` and in docs/actions.md. */
export const ACTION_WORDS: Readonly<Record<ExecutableAction, ActionWords>> = {
  'kubernetes.annotate': {
    inverse: 'remove the annotation, while it still names this incident',
    verification: 'the pod carries the annotation',
  },
  'kubernetes.cordon-node': {
    inverse: 'remove our taint, and make the node schedulable again unless somebody had cordoned it before',
    verification: 'the node is unschedulable and carries our taint',
  },
  'kubernetes.quarantine-pod': {
    inverse: 'give the pod its labels back, then delete our policy',
    verification:
      'label and policy are there, all policies together deny both directions, and no Service leads to the pod',
  },
  'kubernetes.scale-to-zero': {
    inverse: 'the number of replicas before, the node selector before, or resume the CronJob and its jobs',
    verification: 'no replica is wanted, its controller counts none, and no pod of it runs',
  },
  'kubernetes.delete-pod': { inverse: null, verification: 'no pod with this uid exists' },
  'kubernetes.rollout-undo': {
    inverse: 'put the pod template before back, while nobody has changed it since',
    verification: 'the earlier template is there, and every pod is of it and available',
  },
  'kubernetes.remove-role-binding': {
    inverse: 'add the subject again, or create the binding again from its stored copy (needs the right to bind)',
    verification: 'the binding does not name the subject, and no other one gives it full control',
  },
  'aws.tag-resource': {
    inverse: 'the tags before',
    verification: 'the resource carries our tags',
  },
  'aws.snapshot-volumes': {
    inverse: null,
    verification: 'a snapshot of every volume exists, with the incident on it',
  },
  'aws.isolate-instance': {
    inverse: 'the security groups before, of every network interface',
    verification: 'every network interface has the isolation group alone',
  },
  'aws.revoke-role-sessions': {
    inverse: 'remove the deny of older sessions',
    verification: 'the policy of the role denies every session that is older than the decision',
  },
  'aws.deny-all': {
    inverse: 'detach the deny policy',
    verification: 'the deny policy is attached',
  },
  'aws.deactivate-access-key': {
    inverse: 'make the key active again',
    verification: 'the key is inactive',
  },
  'aws.remove-eks-access-entry': {
    inverse: 'create the entry and its policies again from the stored copy',
    verification: 'the cluster has no access entry of the principal',
  },
  'prisma-cloud-compute.acknowledge-incident': {
    inverse: 'make the incident active again',
    verification: 'the console says that the incident is acknowledged',
  },
  'prisma-cloud.snooze-alert': {
    inverse: 'reopen the alert',
    verification: 'Prisma Cloud says that the alert is snoozed',
  },
  'prisma-cloud.dismiss-alert': {
    inverse: 'reopen the alert',
    verification: 'Prisma Cloud says that the alert is dismissed',
  },
  'wiz.acknowledge-issue': {
    inverse: 'set the issue to open',
    verification: 'Wiz says that the issue is in progress',
  },
  'wiz.comment-issue': {
    inverse: 'delete the note',
    verification: 'the note stands under the issue',
  },
  'wiz.resolve-issue': {
    inverse: 'set the issue to what it was',
    verification: 'Wiz says that the issue is resolved',
  },
  'wiz.forensics-copy': {
    inverse: null,
    verification: 'a note under the issue says that Wiz took the request; whether the copy is complete cannot be read',
  },
  'lacework.comment-alert': {
    inverse: null,
    verification: 'the comment stands in the timeline of the alert',
  },
  'lacework.close-alert': {
    inverse: null,
    verification: 'Lacework says that the alert is closed',
  },
};
