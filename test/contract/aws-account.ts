import { awsReader, awsWriter } from '../../connectors/targets/aws/accounts.ts';
import { type AwsAction, rulesOf } from '../../connectors/targets/aws/action.ts';
import type { AwsReader, AwsWriter } from '../../connectors/targets/aws/api.ts';
import { type GeneratedRole, generatedRoles, namesPerson } from '../../connectors/targets/aws/generated.ts';
import type { SessionDeps } from '../../connectors/targets/aws/session.ts';
import { catalogue } from '../../connectors/targets/catalogue.ts';
import type { Preparation, PreparedOn } from '../../domain/actions/action.ts';
import type { AwsTarget } from '../../domain/actions/target.ts';
import { EXECUTABLE_ACTIONS, type ExecutableAction } from '../../domain/analysis/analysis.ts';
import { type AccountConfiguration, accountSchema, type RoleUse } from '../../domain/config/accounts.ts';
import { type AccountSandbox, accountSandbox, type ResponderRole } from '../../local/sandbox/aws-account/account.ts';
import { type AccountState, accountStateSchema } from '../../local/sandbox/aws-account/state.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { memorySecrets } from '../fakes/secrets.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';
export const INCIDENT = 'inc-0123456789abcdef0123';
export const INSTANCE = 'i-0a1b2c3d4e5f60718';
export const ISOLATION = 'sg-0d0d0d0d0d0d0d0d0';
export const VPC = 'vpc-0aa0aa0aa0aa0aa0a';
export const DENY_ALL = `arn:aws:iam::${ACCOUNT}:policy/parapet-quarantine-deny-all`;
export const CALLER = { accessKeyId: 'AKIAFUNCTION', secretAccessKey: 'secret-of-the-function' };
/** The role a person has in the account; IAM is asked about it. */
export const APPROVER_ROLE = `arn:aws:iam::${ACCOUNT}:role/people/on-call`;
export const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

/** What an account looks like before anything happens in it. */
export function sampleAccount(change: Record<string, unknown> = {}): AccountState {
  return accountStateSchema.parse({
    id: ACCOUNT,
    groups: [
      { id: ISOLATION, vpc: VPC, name: 'isolation' },
      { id: 'sg-0web', vpc: VPC, inbound: 1, outbound: 1 },
      { id: 'sg-0db', vpc: VPC, inbound: 1, outbound: 1 },
    ],
    instances: [
      {
        id: INSTANCE,
        region: REGION,
        vpc: VPC,
        publicIp: '203.0.113.7',
        profile: `arn:aws:iam::${ACCOUNT}:instance-profile/checkout`,
        volumes: ['vol-0a', 'vol-0b', 'vol-0c'],
        // Three: one more than a page of the sandbox holds.
        interfaces: [
          { id: 'eni-0a', groups: ['sg-0web', 'sg-0db'] },
          { id: 'eni-0b', groups: ['sg-0db'], establishedTimeout: 900 },
          { id: 'eni-0c', groups: ['sg-0web'] },
        ],
        tags: { Name: 'checkout', 'aws:autoscaling:groupName': 'checkout-asg', 'eks:cluster-name': 'prod-eks' },
      },
    ],
    scalingGroups: [
      { name: 'checkout-asg', region: REGION, desired: 2, maximum: 4, members: [{ instance: INSTANCE }] },
    ],
    roles: [
      {
        name: 'checkout',
        path: '/app/',
        id: 'AROACHECKOUT',
        trust: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: {
                Service: ['ec2.amazonaws.com'],
                Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.eks',
              },
              Action: 'sts:AssumeRole',
            },
          ],
        },
        inline: { app: '{"Version":"2012-10-17","Statement":[]}' },
      },
      { name: 'guarded', id: 'AROAGUARDED', tags: { 'ir:protected': 'true' } },
      { name: 'break-glass-1', id: 'AROABREAK' },
      { name: 'parapet-read', id: 'AROAPARAPET' },
      { name: 'AWSServiceRoleForAutoScaling', path: '/aws-service-role/autoscaling.amazonaws.com/', id: 'AROALINKED' },
      { name: 'AWSReservedSSO_Admin_1', path: '/aws-reserved/sso.amazonaws.com/', id: 'AROASSO' },
    ],
    users: [
      {
        name: 'deployer',
        path: '/ci/',
        id: 'AIDADEPLOYER',
        keys: [
          { id: 'AKIAOTHERKEY00000001', lastUsed: '2026-10-01T00:00:00Z' },
          { id: 'AKIAOTHERKEY00000002' },
          { id: 'AKIALEAKEDKEY0000001', lastUsed: '2025-01-01T00:00:00Z' },
        ],
      },
      { name: 'mallory', id: 'AIDAMALLORY' },
    ],
    managedPolicies: {
      [DENY_ALL]: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
    },
    clusters: [{ name: 'prod-eks', region: REGION, mode: 'API_AND_CONFIG_MAP' }],
    entries: [
      {
        cluster: 'prod-eks',
        region: REGION,
        principal: `arn:aws:iam::${ACCOUNT}:role/app/checkout`,
        groups: ['viewers'],
        policies: ['Admin', 'Edit', 'View'].map((name) => ({
          policyArn: `arn:aws:eks::aws:cluster-access-policy/AmazonEKS${name}Policy`,
          accessScope: { type: 'cluster', namespaces: [] },
        })),
        serial: 'first',
      },
      {
        cluster: 'prod-eks',
        region: REGION,
        principal: `arn:aws:iam::${ACCOUNT}:role/node`,
        type: 'EC2_LINUX',
        serial: 'node',
      },
    ],
    buckets: [{ name: 'orphan-example', region: REGION, tags: { team: 'payments-team', 'ir:status': 'watched' } }],
    ...change,
  });
}

export interface TestAccount {
  readonly sandbox: AccountSandbox;
  readonly server: SandboxServer;
  readonly configuration: AccountConfiguration;
  readonly roles: Record<string, ResponderRole>;
  readonly deps: SessionDeps;
  readonly read: AwsReader;
  clock(at: string): void;
  writer(action: AwsAction, prepared: PreparedOn<AwsTarget>, use?: RoleUse): AwsWriter;
  close(): Promise<void>;
}

/** Only what AWS has beside the wire: no statement is written by hand, all roles are those that are generated. */
export async function startAccount(
  options: { readonly state?: AccountState; readonly account?: Record<string, unknown> } = {},
): Promise<TestAccount> {
  const roles: Record<string, ResponderRole> = {};
  const sandbox = accountSandbox(options.state ?? sampleAccount(), { roles, mount: '', caller: CALLER });
  const server = await serve({ systems: { aws: sandbox }, mount: 'root' });
  const configuration = accountSchema.parse({
    id: ACCOUNT,
    regions: ['us-east-1', REGION],
    readRole: roleArn('parapet-read'),
    rightsRole: roleArn('parapet-rights'),
    writeRoles: roleArn('parapet-{action}'),
    externalIdSecret: 'parapet/aws/111122223333',
    isolationGroups: [{ vpc: VPC, group: ISOLATION }],
    denyAllPolicy: DENY_ALL,
    protectedPrincipals: ['break-glass-*'],
    endpoint: server.url,
    ...options.account,
  });
  const externalId = 'external-id-of-the-sandbox';
  for (const one of generatedRoles(configuration, EXECUTABLE_ACTIONS, catalogue, {
    deployment: 'parapet',
    externalId,
    approverRoles: [APPROVER_ROLE],
  }))
    roles[one.role] = responder(one, externalId);
  let now = '2026-02-01T10:00:00.000Z';
  const deps: SessionDeps = {
    http: { fetch: (...args) => globalThis.fetch(...args), sleep: async () => undefined, random: () => 0 },
    now: () => new Date(now),
    secrets: memorySecrets({ 'parapet/aws/111122223333': { externalId } }),
    credentials: async () => CALLER,
  };
  return {
    sandbox,
    server,
    configuration,
    roles,
    deps,
    read: awsReader(configuration, deps),
    clock: (at) => {
      now = at;
    },
    writer: (action, prepared, use = 'apply') =>
      awsWriter(configuration, { prepared, use, rules: rulesOf(action, use), by: 'ada' }, deps),
    close: () => server.close(),
  };
}

export function responder(one: GeneratedRole, externalId: string): ResponderRole {
  return { policy: one.policy, externalId, needsPerson: namesPerson(one) };
}

export function onAws(name: ExecutableAction): AwsAction {
  const entry = catalogue[name];
  if (entry.system !== 'aws') throw new Error(`${name} does not act on AWS`);
  return entry.action;
}

/** Targets as `bind` makes them, by the action that takes them. */
export function targetFor(name: ExecutableAction, change: Partial<AwsTarget> = {}): AwsTarget {
  const bound = { system: 'aws', entityId: 'N1', account: ACCOUNT } as const;
  const entity = (canonical: string) => ({ kind: 'principal' as const, canonical, label: canonical });
  const role = roleArn('app/checkout');
  const instance = `arn:aws:ec2:*:${ACCOUNT}:instance/${INSTANCE}`;
  const key = `arn:aws:iam::${ACCOUNT}:user/deployer`;
  const bucket = 'arn:aws:s3:::orphan-example';
  switch (name) {
    case 'aws.isolate-instance':
    case 'aws.snapshot-volumes':
      return { ...bound, entity: entity(INSTANCE), kind: 'instance', arn: instance, name: INSTANCE, ...change };
    case 'aws.deactivate-access-key':
      return { ...bound, entity: entity(key), kind: 'access-key', arn: key, name: 'AKIALEAKEDKEY0000001', ...change };
    case 'aws.remove-eks-access-entry':
      return { ...bound, entity: entity(role), kind: 'eks-access-entry', arn: role, name: 'prod-eks', ...change };
    case 'aws.tag-resource':
      return {
        ...bound,
        entity: entity(bucket),
        kind: 'resource',
        arn: bucket,
        name: 'orphan-example',
        region: REGION,
        ...change,
      };
    default:
      return { ...bound, entity: entity(role), kind: 'role', arn: role, name: 'checkout', ...change };
  }
}

export async function prepare(
  on: TestAccount,
  name: ExecutableAction,
  change: Partial<AwsTarget> = {},
): Promise<Preparation> {
  const target = targetFor(name, change);
  return await onAws(name).prepare(on.read, { incidentId: INCIDENT, actionId: 'A1', target, parameters: {} });
}

export async function prepared(
  on: TestAccount,
  name: ExecutableAction,
  change: Partial<AwsTarget> = {},
): Promise<PreparedOn<AwsTarget>> {
  const made = await prepare(on, name, change);
  if (!made.ok) throw new Error(`${name} was not prepared: ${made.code} ${made.reason}`);
  const { target } = made.prepared;
  if (target.system !== 'aws') throw new Error('the target is not one of AWS');
  return { ...made.prepared, target };
}
