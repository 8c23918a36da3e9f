import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type RoleUse, writeRoleOf } from '../../domain/config/accounts.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Access } from './access.ts';

/** Names of the secrets that hold what the roles' trust policies ask for. */
export function externalIdsOf({ accounts }: Configuration): string[] {
  return accounts.flatMap(({ externalIdSecret }) => externalIdSecret ?? []);
}

/** For what asks people and takes their decisions: the role of each account that may ask IAM about approvers, and do nothing else. */
export function askAccounts({ accounts }: Pick<Configuration, 'accounts'>): Access {
  const resources = accounts.flatMap(({ rightsRole }) => rightsRole ?? []);
  return {
    statements:
      resources.length === 0
        ? []
        : [new PolicyStatement({ sid: 'AskAccounts', actions: ['sts:AssumeRole'], resources })],
  };
}

/** For what only reads clusters: logging in to those of EKS, as the role that may only read. */
export function logInToRead({ clusters }: Configuration): Access {
  return readAccounts({ accounts: [], clusters });
}

/** For `gather-kubernetes`, `plan`, `verify` and `watch`: the role of each account, and of each EKS cluster, that may only read. */
export function readAccounts({ accounts, clusters }: Pick<Configuration, 'accounts' | 'clusters'>): Access {
  const resources = [
    ...accounts.map(({ readRole }) => readRole),
    ...clusters.flatMap(({ eks }) => eks?.readRole ?? []),
  ];
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
export function changeAccounts({ accounts, actions, clusters }: Configuration, use: RoleUse): Access {
  const names = Object.entries(actions).flatMap(([name, { gate }]) =>
    name.startsWith('aws.') && gate === 'ask' ? [name] : [],
  );
  const resources = accounts.flatMap((account) => names.map((name) => writeRoleOf(account, name, use)));
  const logIns = clusters.flatMap(({ eks }) => eks?.writeRole ?? []);
  return {
    statements: [
      ...(resources.length === 0
        ? []
        : [
            new PolicyStatement({
              sid: 'ChangeAccounts',
              actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
              resources,
            }),
          ]),
      ...(logIns.length === 0
        ? []
        : [new PolicyStatement({ sid: 'LogInToContain', actions: ['sts:AssumeRole'], resources: logIns })]),
    ],
  };
}
