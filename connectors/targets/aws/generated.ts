import type { ExecutableAction } from '../../../domain/analysis/analysis.ts';
import { type AccountConfiguration, type RoleUse, writeRoleOf } from '../../../domain/config/accounts.ts';
import type { ApproverConfiguration } from '../../../domain/config/schema.ts';
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

/** Where people are asked, reminded and decide. */
const ASKERS = ['request-approval', 'chase-approvals', 'decide', 'slack-callback'] as const;

export interface GeneratingOptions {
  /** Of the deployment: functions are named `NAME-VERB`. */
  readonly deployment: string;
  readonly externalId?: string | undefined;
  /** ARNs of the roles approvers have in the account. */
  readonly approverRoles?: readonly string[];
}

/** The roles whose rights IAM is asked about in one account, each once. */
export function approverRolesIn(account: string, approvers: readonly ApproverConfiguration[]): readonly string[] {
  return [...new Set(approvers.flatMap(({ aws }) => aws?.[account]?.roleArn ?? []))];
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
    ...askingRole(account, options),
    ...actions.flatMap((action) => [
      roleOf(account, action, 'apply', options),
      ...(action.permissions.undo.length === 0 ? [] : [roleOf(account, action, 'undo', options)]),
    ]),
  ];
}

/** It reads nothing: what somebody may do is said by IAM, about these roles and no other. */
function askingRole(account: AccountConfiguration, options: GeneratingOptions): readonly GeneratedRole[] {
  const { approverRoles = [] } = options;
  if (account.rightsRole === undefined || approverRoles.length === 0) return [];
  return [
    {
      role: account.rightsRole,
      what: 'asks IAM what approvers may do',
      functions: ASKERS,
      trust: trustOf(ASKERS, account, options, false),
      policy: document([{ Effect: 'Allow', Action: ['iam:SimulatePrincipalPolicy'], Resource: approverRoles }]),
    },
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
function protectedArns({ id, readRole, writeRoles, rightsRole, protectedPrincipals }: AccountConfiguration): string[] {
  const named = ['parapet*', ...protectedPrincipals].flatMap((name) =>
    ['role', 'user'].flatMap((kind) => [`arn:aws:iam::${id}:${kind}/${name}`, `arn:aws:iam::${id}:${kind}/*/${name}`]),
  );
  return [
    ...named,
    `arn:aws:iam::${id}:role/aws-service-role/*`,
    `arn:aws:iam::${id}:role/aws-reserved/*`,
    readRole,
    ...(rightsRole === undefined ? [] : [rightsRole]),
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

/** Whether a session of the role must name a person and an incident. */
export function namesPerson({ trust }: GeneratedRole): boolean {
  return trust.Statement.some(({ Action }) => Action.includes('sts:SetSourceIdentity'));
}

function document(statements: readonly IamStatement[]): IamPolicy {
  return { Version: '2012-10-17', Statement: merged(statements) };
}
