import * as z from 'zod';
import { TargetError } from '../errors.ts';
import type { AwsAccountFacts, AwsReader } from './api.ts';
import {
  accessEntrySchema,
  accessKeySchema,
  associatedPolicySchema,
  instanceSchema,
  interfaceSchema,
  keyUseSchema,
  list,
  roleSchema,
  scalingMemberSchema,
  securityGroupSchema,
  snapshotSchema,
  type Tag,
  userSchema,
} from './schema.ts';
import type { AwsClient } from './wire/client.ts';
import {
  type AwsCall,
  accessEntryPath,
  eksCall,
  GLOBAL,
  type Parameters,
  queryCall,
  taggingCall,
} from './wire/request.ts';
import { parseXml } from './wire/xml.ts';

const MAX_PAGES = 50;

/** Reads one account with one set of credentials. */
export function readerOver(client: AwsClient, account: AwsAccountFacts, now: () => Date): AwsReader {
  const ask = async (call: AwsCall): Promise<string> => (await client.send(call, { use: 'read' })).text;
  const xml = async (call: AwsCall): Promise<unknown> => bodyOf(parseXml(await ask(call)));
  const iam = (action: string, parameters: Parameters) => xml(queryCall('iam', GLOBAL, action, parameters));

  /** Every page, or an error: half a list would be a false statement. */
  async function pages<T>(
    page: (token: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
  ): Promise<T[]> {
    const all: T[] = [];
    let token: string | undefined;
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const { items, next } = await page(token);
      all.push(...items);
      if (!next) return all;
      token = next;
    }
    throw new TargetError('unusable', `AWS has more than ${MAX_PAGES} pages of what was asked`);
  }

  const ec2List = <T extends z.ZodType>(region: string, action: string, set: string, of: T, parameters: Parameters) =>
    pages<z.output<T>>(async (token) => {
      const body = await xml(
        queryCall('ec2', region, action, { ...parameters, ...(token === undefined ? {} : { NextToken: token }) }),
      );
      const answer = read(
        z.object({ [set]: list(z.unknown()), nextToken: z.string().optional() }),
        body,
        `ec2:${action}`,
      );
      return { items: read(z.array(of), answer[set], `ec2:${action}`), next: wordOf(answer['nextToken']) };
    });

  const iamList = <T extends z.ZodType>(action: string, set: string, of: T, parameters: Parameters) =>
    pages<z.output<T>>(async (token) => {
      const body = await iam(action, { ...parameters, ...(token === undefined ? {} : { Marker: token }) });
      const shape = z.object({
        [set]: list(z.unknown(), 'member'),
        Marker: z.string().optional(),
        IsTruncated: z.string().optional(),
      });
      const answer = read(shape, body, `iam:${action}`);
      const more = answer['IsTruncated'] === 'true';
      return {
        items: read(z.array(of), answer[set], `iam:${action}`),
        next: more ? wordOf(answer['Marker']) : undefined,
      };
    });

  const eks = async (region: string, name: string, path: string, query?: string): Promise<unknown> =>
    json(
      await ask(eksCall(region, name, { method: 'GET', path, ...(query === undefined ? {} : { query }) })),
      `eks:${name}`,
    );

  return {
    account,
    now,
    getInstance: (region, id) =>
      ifThere(async () => {
        const found = await ec2List(
          region,
          'DescribeInstances',
          'reservationSet',
          z.object({ instancesSet: list(instanceSchema) }),
          { 'InstanceId.1': id },
        );
        return found.flatMap(({ instancesSet }) => instancesSet).find(({ instanceId }) => instanceId === id);
      }),
    getInterfaces: async (region, instanceId) =>
      await ec2List(region, 'DescribeNetworkInterfaces', 'networkInterfaceSet', interfaceSchema, {
        'Filter.1.Name': 'attachment.instance-id',
        'Filter.1.Value.1': instanceId,
      }),
    getScalingMember: async (region, instanceId) => {
      const name = 'autoscaling:DescribeAutoScalingInstances';
      const body = await xml(
        queryCall('autoscaling', region, 'DescribeAutoScalingInstances', { 'InstanceIds.member.1': instanceId }),
      );
      const shape = z.object({ AutoScalingInstances: list(scalingMemberSchema, 'member') });
      return read(shape, body, name).AutoScalingInstances.find(({ InstanceId }) => InstanceId === instanceId);
    },
    getSecurityGroup: (region, id) =>
      ifThere(async () =>
        (
          await ec2List(region, 'DescribeSecurityGroups', 'securityGroupInfo', securityGroupSchema, { 'GroupId.1': id })
        ).at(0),
      ),
    getSnapshots: async (region, tags) =>
      await ec2List(region, 'DescribeSnapshots', 'snapshotSet', snapshotSchema, {
        'Owner.1': 'self',
        ...Object.assign(
          {},
          ...tags.map(({ key, value }, index) => ({
            [`Filter.${index + 1}.Name`]: `tag:${key}`,
            [`Filter.${index + 1}.Value.1`]: value,
          })),
        ),
      }),
    getRole: (name) =>
      ifThere(
        async () => read(z.object({ Role: roleSchema }), await iam('GetRole', { RoleName: name }), 'iam:GetRole').Role,
      ),
    getUser: (name) =>
      ifThere(
        async () => read(z.object({ User: userSchema }), await iam('GetUser', { UserName: name }), 'iam:GetUser').User,
      ),
    getRolePolicy: (role, policy) =>
      ifThere(async () => {
        const body = await iam('GetRolePolicy', { RoleName: role, PolicyName: policy });
        return decoded(read(z.object({ PolicyDocument: z.string() }), body, 'iam:GetRolePolicy').PolicyDocument);
      }),
    getAttachedPolicies: async (kind, name) => {
      const [action, field] =
        kind === 'role' ? ['ListAttachedRolePolicies', 'RoleName'] : ['ListAttachedUserPolicies', 'UserName'];
      const all = await iamList(action, 'AttachedPolicies', z.object({ PolicyArn: z.string() }), { [field]: name });
      return all.map(({ PolicyArn }) => PolicyArn);
    },
    getManagedPolicy: (arn) =>
      ifThere(async () => {
        const policy = read(
          z.object({ Policy: z.object({ DefaultVersionId: z.string() }) }),
          await iam('GetPolicy', { PolicyArn: arn }),
          'iam:GetPolicy',
        );
        const version = await iam('GetPolicyVersion', { PolicyArn: arn, VersionId: policy.Policy.DefaultVersionId });
        const shape = z.object({ PolicyVersion: z.object({ Document: z.string() }) });
        return decoded(read(shape, version, 'iam:GetPolicyVersion').PolicyVersion.Document);
      }),
    getAccessKeys: async (user) =>
      await iamList('ListAccessKeys', 'AccessKeyMetadata', accessKeySchema, { UserName: user }),
    getAccessKeyUse: (accessKeyId) =>
      ifThere(async () =>
        read(keyUseSchema, await iam('GetAccessKeyLastUsed', { AccessKeyId: accessKeyId }), 'iam:GetAccessKeyLastUsed'),
      ),
    getAccessEntry: (region, cluster, principal) =>
      ifThere(async () => {
        const path = accessEntryPath(cluster, principal);
        const described = read(
          z.object({ accessEntry: accessEntrySchema }),
          await eks(region, 'DescribeAccessEntry', path),
          'eks:DescribeAccessEntry',
        );
        const policies = await pages(async (token) => {
          const query = token === undefined ? undefined : `nextToken=${encodeURIComponent(token)}`;
          const page = read(
            z.object({ associatedAccessPolicies: z.array(associatedPolicySchema), nextToken: z.string().nullish() }),
            await eks(region, 'ListAssociatedAccessPolicies', `${path}/access-policies`, query),
            'eks:ListAssociatedAccessPolicies',
          );
          return { items: page.associatedAccessPolicies, next: page.nextToken ?? undefined };
        });
        return { ...described.accessEntry, policies };
      }),
    getAuthenticationMode: (region, cluster) =>
      ifThere(async () => {
        const shape = z.object({
          cluster: z.object({ accessConfig: z.object({ authenticationMode: z.string() }).optional() }),
        });
        const body = await eks(region, 'DescribeCluster', `/clusters/${encodeURIComponent(cluster)}`);
        return read(shape, body, 'eks:DescribeCluster').cluster.accessConfig?.authenticationMode;
      }),
    getTags: async (region, arn) => {
      const body = json(await ask(taggingCall(region, 'GetResources', { ResourceARNList: [arn] })), 'tag:GetResources');
      const shape = z.object({
        ResourceTagMappingList: z.array(
          z.object({ ResourceARN: z.string(), Tags: z.array(z.object({ Key: z.string(), Value: z.string() })) }),
        ),
      });
      const found = read(shape, body, 'tag:GetResources').ResourceTagMappingList;
      return found
        .filter(({ ResourceARN }) => ResourceARN === arn)
        .flatMap(({ Tags }) => Tags.map(({ Key, Value }): Tag => ({ key: Key, value: Value })));
    },
  };
}

async function ifThere<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof TargetError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** The element inside `<DescribeInstancesResponse>`, or inside its `<GetRoleResult>` where the service wraps twice. */
function bodyOf(answer: unknown): unknown {
  const root = insideOf(answer, /Response$/);
  return insideOf(root, /Result$/) ?? root;
}

function insideOf(value: unknown, name: RegExp): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => name.test(key))?.[1];
}

function read<T extends z.ZodType>(shape: T, value: unknown, name: string): z.output<T> {
  const parsed = shape.safeParse(value);
  if (!parsed.success)
    throw new TargetError('unusable', `${name} answered in a shape we cannot read`, { cause: parsed.error });
  return parsed.data;
}

function json(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TargetError('unusable', `${name} answered with something that is not JSON`, { cause });
  }
}

/** Policy documents come percent-encoded (RFC 3986). */
export function decoded(document: string): string {
  try {
    return decodeURIComponent(document);
  } catch {
    // Not encoded after all; whoever compares it will say that it is not ours.
    return document;
  }
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
