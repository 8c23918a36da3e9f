import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type RoleUse, writeRoleOf } from '../../domain/config/accounts.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Access } from './access.ts';

/** Names of the secrets that hold what the roles' trust policies ask for. */
export function externalIdsOf({ accounts }: Configuration): string[] {
  return accounts.flatMap(({ externalIdSecret }) => externalIdSecret ?? []);
}

/** For `plan`, `verify` and `watch`: the role of each account that may only read. */
export function readAccounts({ accounts }: Configuration): Access {
  const resources = accounts.map(({ readRole }) => readRole);
  return {
    statements:
      resources.length === 0
        ? []
        : [new PolicyStatement({ sid: 'ReadAccounts', actions: ['sts:AssumeRole'], resources })],
  };
}

/**
 * For `execute` and `roll-back`: one role for each action that is switched on, and no other. The function itself can do nothing
 * in an account; the session names the person and the incident.
 */
export function changeAccounts({ accounts, actions }: Configuration, use: RoleUse): Access {
  const names = Object.entries(actions).flatMap(([name, { gate }]) =>
    name.startsWith('aws.') && gate === 'ask' ? [name] : [],
  );
  const resources = accounts.flatMap((account) => names.map((name) => writeRoleOf(account, name, use)));
  return {
    statements:
      resources.length === 0
        ? []
        : [
            new PolicyStatement({
              sid: 'ChangeAccounts',
              actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
              resources,
            }),
          ],
  };
}
