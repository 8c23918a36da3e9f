import type { ExecutableAction } from '../../../domain/analysis/analysis.ts';
import type { AwsAction } from './action.ts';
import { deactivateAccessKey } from './actions/deactivate-access-key.ts';
import { denyAll } from './actions/deny-all.ts';
import { isolateInstance } from './actions/isolate-instance.ts';
import { removeEksAccessEntry } from './actions/remove-eks-access-entry.ts';
import { revokeRoleSessions } from './actions/revoke-role-sessions.ts';
import { snapshotVolumes } from './actions/snapshot-volumes.ts';
import { tagResource } from './actions/tag-resource.ts';

/** The actions on AWS alone, for who asks only about them and must not load the rest of the catalogue. */
export const awsActions = {
  'aws.tag-resource': tagResource,
  'aws.snapshot-volumes': snapshotVolumes,
  'aws.isolate-instance': isolateInstance,
  'aws.revoke-role-sessions': revokeRoleSessions,
  'aws.deny-all': denyAll,
  'aws.deactivate-access-key': deactivateAccessKey,
  'aws.remove-eks-access-entry': removeEksAccessEntry,
} as const satisfies Partial<Record<ExecutableAction, AwsAction>>;

export function awsActionNamed(name: ExecutableAction): AwsAction | undefined {
  return Object.values(awsActions).find((action) => action.name === name);
}
