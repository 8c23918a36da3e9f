import type { ActionDefinition } from '../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../domain/actions/target.ts';
import type { RoleUse } from '../../../domain/config/accounts.ts';
import type { AwsReader, AwsWriter } from './api.ts';
import type { AwsPermissions, IamRule } from './permissions.ts';

/** An action on AWS: its tuple, and beside it what each of its two roles may do. */
export interface AwsAction extends ActionDefinition<AwsReader, AwsWriter, AwsTarget, IamRule> {
  readonly permissions: AwsPermissions;
}

/** Each half reads the target again before it changes anything. */
export function rulesOf({ permissions }: Pick<AwsAction, 'permissions'>, use: RoleUse): readonly IamRule[] {
  return [...permissions.read, ...(use === 'apply' ? permissions.write : permissions.undo)];
}
