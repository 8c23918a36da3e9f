import type { ActionDefinition } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { AwsAction } from './aws/action.ts';
import { awsActions } from './aws/registry.ts';
import { annotate } from './kubernetes/actions/annotate.ts';
import { cordonNode } from './kubernetes/actions/cordon-node.ts';
import { deletePod } from './kubernetes/actions/delete-pod.ts';
import { quarantinePod } from './kubernetes/actions/quarantine-pod.ts';
import { removeRoleBinding } from './kubernetes/actions/remove-role-binding.ts';
import { rolloutUndo } from './kubernetes/actions/rollout-undo.ts';
import { scaleToZero } from './kubernetes/actions/scale-to-zero.ts';
import type { KubernetesReader, KubernetesWriter } from './kubernetes/api.ts';
import type { VendorAction } from './vendor/api.ts';
import { closeAlert, commentAlert } from './vendor/lacework/actions.ts';
import { dismissAlert, snoozeAlert } from './vendor/prisma-cloud/actions.ts';
import { acknowledgeIncident } from './vendor/prisma-cloud-compute/acknowledge-incident.ts';
import { acknowledgeIssue, commentIssue, resolveIssue } from './vendor/wiz/actions.ts';
import { forensicsCopy } from './vendor/wiz/forensics-copy.ts';

export type KubernetesAction = ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget>;

/** An action and the system it acts on: which clients it is given. */
export type CatalogueEntry =
  | { readonly system: 'kubernetes'; readonly action: KubernetesAction }
  | { readonly system: 'aws'; readonly action: AwsAction }
  | { readonly system: 'vendor'; readonly action: VendorAction };
export function isOnAws(entry: CatalogueEntry): entry is Extract<CatalogueEntry, { readonly system: 'aws' }> {
  return entry.system === 'aws';
}

export type Catalogue = Readonly<Record<ExecutableAction, CatalogueEntry>>;

/** Every action Parapet can execute. What is not here cannot be named, planned or approved. */
export const catalogue: Catalogue = {
  'kubernetes.annotate': { system: 'kubernetes', action: annotate },
  'kubernetes.cordon-node': { system: 'kubernetes', action: cordonNode },
  'kubernetes.quarantine-pod': { system: 'kubernetes', action: quarantinePod },
  'kubernetes.scale-to-zero': { system: 'kubernetes', action: scaleToZero },
  'kubernetes.delete-pod': { system: 'kubernetes', action: deletePod },
  'kubernetes.rollout-undo': { system: 'kubernetes', action: rolloutUndo },
  'kubernetes.remove-role-binding': { system: 'kubernetes', action: removeRoleBinding },
  'aws.tag-resource': { system: 'aws', action: awsActions['aws.tag-resource'] },
  'aws.snapshot-volumes': { system: 'aws', action: awsActions['aws.snapshot-volumes'] },
  'aws.isolate-instance': { system: 'aws', action: awsActions['aws.isolate-instance'] },
  'aws.revoke-role-sessions': { system: 'aws', action: awsActions['aws.revoke-role-sessions'] },
  'aws.deny-all': { system: 'aws', action: awsActions['aws.deny-all'] },
  'aws.deactivate-access-key': { system: 'aws', action: awsActions['aws.deactivate-access-key'] },
  'aws.remove-eks-access-entry': { system: 'aws', action: awsActions['aws.remove-eks-access-entry'] },
  'prisma-cloud-compute.acknowledge-incident': { system: 'vendor', action: acknowledgeIncident },
  'prisma-cloud.snooze-alert': { system: 'vendor', action: snoozeAlert },
  'prisma-cloud.dismiss-alert': { system: 'vendor', action: dismissAlert },
  'wiz.acknowledge-issue': { system: 'vendor', action: acknowledgeIssue },
  'wiz.comment-issue': { system: 'vendor', action: commentIssue },
  'wiz.resolve-issue': { system: 'vendor', action: resolveIssue },
  'wiz.forensics-copy': { system: 'vendor', action: forensicsCopy },
  'lacework.comment-alert': { system: 'vendor', action: commentAlert },
  'lacework.close-alert': { system: 'vendor', action: closeAlert },
};
