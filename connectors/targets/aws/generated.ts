import type { ExecutableAction } from '../../../domain/analysis/analysis.ts';
import { type AccountConfiguration, type RoleUse, writeRoleOf } from '../../../domain/config/accounts.ts';
import { type Catalogue, isOnAws } from '../catalogue.ts';
import { type AwsAction, rulesOf } from './action.ts';
import { type IamPolicy, type IamStatement, merged, statementsOf } from './permissions.ts';

/** A role as an administrator of the account must make it, made from the actions that are switched on and nothing else. */
export interface GeneratedRole {
  readonly role: string;
  readonly what: string;
  /** Functions of Parapet that assume it. */
  readonly functions: readonly string[];
  readonly trust: TrustPolicy;
  readonly policy: IamPolicy;
}

interface TrustPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Principal: { readonly AWS: readonly string[] };
    readonly Action: readonly string[];
    readonly Condition?: IamStatement['Condition'];
  }[];
}

const READERS = ['gather-kubernetes', 'plan', 'verify', 'watch', 'plan-undo', 'verify-undo'] as const;

export interface GeneratingOptions {
  /** Of the deployment: functions are named `NAME-VERB`. */
  readonly deployment: string;
  readonly externalId?: string | undefined;
}

/** Every role of one account: one that reads, and for each action one that changes and one that changes back. */
export function generatedRoles(
  account: AccountConfiguration,
  enabled: readonly ExecutableAction[],
  catalogue: Catalogue,
  options: GeneratingOptions,
): readonly GeneratedRole[] {
  const actions = enabled.flatMap((name) => {
    const entry = catalogue[name];
    return isOnAws(entry) ? [entry.action] : [];
  });
  if (actions.length === 0) return [];
  const reads = actions.flatMap(({ permissions }) => permissions.read);
  return [
    {
      role: account.readRole,
      what: 'reads what plans and verifications look at',
      functions: READERS,
      trust: trustOf(READERS, account, options, false),
      policy: document(statementsOf(reads, { account })),
    },
    ...actions.flatMap((action) => [
      roleOf(account, action, 'apply', options),
      ...(action.permissions.undo.length === 0 ? [] : [roleOf(account, action, 'undo', options)]),
    ]),
  ];
}

function roleOf(
  account: AccountConfiguration,
  action: AwsAction,
  use: RoleUse,
  options: GeneratingOptions,
): GeneratedRole {
  const functions = [use === 'apply' ? 'execute' : 'roll-back'];
  const changes = use === 'apply' ? action.permissions.write : action.permissions.undo;
  const writes = [...new Set(changes.flatMap(({ actions }) => actions))].sort();
  return {
    role: writeRoleOf(account, action.name, use),
    what: `${action.title}${use === 'undo' ? ': the way back' : ''}`,
    functions,
    trust: trustOf(functions, account, options, true),
    policy: document([...statementsOf(rulesOf(action, use), { account }), ...protecting(account, writes)]),
  };
}

/** What is protected in code is denied here once more, for whoever gets hold of the role. */
function protecting(account: AccountConfiguration, writes: readonly string[]): IamStatement[] {
  const onPrincipals = writes.filter((action) => action.startsWith('iam:'));
  const tagged = writes.filter((action) => !action.startsWith('tag:') && !action.startsWith('s3:'));
  return [
    ...(onPrincipals.length === 0
      ? []
      : [
          {
            Sid: 'ProtectedPrincipals',
            Effect: 'Deny' as const,
            Action: onPrincipals,
            Resource: protectedArns(account),
          },
        ]),
    ...(tagged.length === 0
      ? []
      : account.protectedTags.map(({ key, value }) => ({
          Effect: 'Deny' as const,
          Action: tagged,
          Resource: ['*'],
          Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: [value] } },
        }))),
  ];
}

/** With and without a path: a name is unique in an account, whatever its path. */
function protectedArns({ id, readRole, writeRoles, protectedPrincipals }: AccountConfiguration): string[] {
  const named = ['parapet*', ...protectedPrincipals].flatMap((name) =>
    ['role', 'user'].flatMap((kind) => [`arn:aws:iam::${id}:${kind}/${name}`, `arn:aws:iam::${id}:${kind}/*/${name}`]),
  );
  return [
    ...named,
    `arn:aws:iam::${id}:role/aws-service-role/*`,
    `arn:aws:iam::${id}:role/aws-reserved/*`,
    readRole,
    writeRoles.replace('{action}', '*'),
  ];
}

function trustOf(
  functions: readonly string[],
  account: AccountConfiguration,
  { deployment, externalId }: GeneratingOptions,
  changes: boolean,
): TrustPolicy {
  const conditions = {
    ...(account.externalIdSecret === undefined && externalId === undefined
      ? {}
      : { StringEquals: { 'sts:ExternalId': [externalId ?? `{externalId of ${account.externalIdSecret}}`] } }),
    ...(changes
      ? {
          StringLike: {
            'sts:RoleSessionName': ['inc-*'],
            'sts:SourceIdentity': ['*'],
            'aws:RequestTag/incident': ['inc-*'],
          },
        }
      : {}),
  };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: functions.map((verb) => `{role of function ${deployment}-${verb}}`) },
        Action: changes ? ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'] : ['sts:AssumeRole'],
        ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditions }),
      },
    ],
  };
}

function document(statements: readonly IamStatement[]): IamPolicy {
  return { Version: '2012-10-17', Statement: merged(statements) };
}
