import * as z from 'zod';
import { json, type SandboxReply } from '../system.ts';
import { type Allow, tagContext } from './ec2.ts';
import { type AccountState, arnOfEntry, type EntryState } from './state.ts';
import { AwsFault, page } from './wire.ts';

interface RestCall {
  readonly state: AccountState;
  readonly region: string;
  readonly method: string;
  /** Below the mount point, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly allow: Allow;
}

const createSchema = z.strictObject({
  principalArn: z.string(),
  type: z.literal('STANDARD').optional(),
  kubernetesGroups: z.array(z.string()).optional(),
  username: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
const associateSchema = z.strictObject({
  policyArn: z.string(),
  accessScope: z.object({ type: z.enum(['cluster', 'namespace']), namespaces: z.array(z.string()).optional() }),
});

/** EKS: clusters, access entries and their policies. */
export function eks(call: RestCall): SandboxReply {
  const { state, region, method, path, allow } = call;
  const [, root, name = '', kind, principal, policies] = path.split('/').map(decodeURIComponent);
  const cluster = state.clusters.find((one) => one.name === name && one.region === region);
  const clusterArn = `arn:aws:eks:${region}:${state.id}:cluster/${name}`;
  if (root !== 'clusters') throw new AwsFault('ResourceNotFoundException', 'no such path', 404);
  const mustExist = () => {
    if (cluster === undefined)
      throw new AwsFault('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
    return cluster;
  };
  if (kind === undefined && method === 'GET') {
    allow('eks:DescribeCluster', clusterArn);
    return json(200, { cluster: { name, arn: clusterArn, accessConfig: { authenticationMode: mustExist().mode } } });
  }
  if (kind !== 'access-entries') throw new AwsFault('ResourceNotFoundException', 'no such path', 404);
  if (principal === undefined && method === 'POST') {
    allow('eks:CreateAccessEntry', clusterArn);
    mustExist();
    return createEntry(call, name);
  }
  const entry = state.entries.find(
    (one) => one.cluster === name && one.region === region && one.principal === principal,
  );
  const named = { cluster: name, region, principal: principal ?? '', serial: 'none' };
  const at = (action: string): void => allow(`eks:${action}`, arnOfEntry(state.id, entry ?? named));
  const mustHave = (): EntryState => {
    if (entry === undefined)
      throw new AwsFault('ResourceNotFoundException', `The specified principalArn could not be found.`, 404);
    return entry;
  };
  if (policies === 'access-policies') return policiesOf(call, at, mustHave);
  if (method === 'GET') {
    at('DescribeAccessEntry');
    return json(200, { accessEntry: entryJson(state, mustHave()) });
  }
  if (method === 'DELETE') {
    at('DeleteAccessEntry');
    mustHave();
    state.entries = state.entries.filter((one) => one !== entry);
    return json(200, {});
  }
  throw new AwsFault('InvalidRequestException', `${method} is not possible here`);
}

function policiesOf(call: RestCall, at: (action: string) => void, mustHave: () => EntryState): SandboxReply {
  if (call.method === 'GET') {
    at('ListAssociatedAccessPolicies');
    const { items, next } = page(mustHave().policies, call.query.get('nextToken') ?? undefined);
    return json(200, { associatedAccessPolicies: items, nextToken: next ?? null });
  }
  at('AssociateAccessPolicy');
  const parsed = associateSchema.safeParse(read(call.body));
  if (!parsed.success) throw new AwsFault('InvalidParameterException', z.prettifyError(parsed.error));
  const entry = mustHave();
  entry.policies = [...entry.policies.filter(({ policyArn }) => policyArn !== parsed.data.policyArn), parsed.data];
  return json(200, { associatedAccessPolicy: parsed.data });
}

function createEntry({ state, region, body }: RestCall, cluster: string): SandboxReply {
  const parsed = createSchema.safeParse(read(body));
  if (!parsed.success) throw new AwsFault('InvalidParameterException', z.prettifyError(parsed.error));
  const { principalArn: principal, kubernetesGroups: groups = [], username, tags = {} } = parsed.data;
  if (state.entries.some((one) => one.cluster === cluster && one.principal === principal))
    throw new AwsFault('ResourceInUseException', 'The specified access entry resource is already in use.', 409);
  const entry: EntryState = {
    cluster,
    region,
    principal,
    type: 'STANDARD',
    groups,
    policies: [],
    tags,
    serial: `${state.entries.length}-created-again`,
    ...(username === undefined ? {} : { username }),
  };
  state.entries.push(entry);
  return json(200, { accessEntry: entryJson(state, entry) });
}

function entryJson({ id }: AccountState, entry: EntryState) {
  return {
    clusterName: entry.cluster,
    principalArn: entry.principal,
    kubernetesGroups: entry.groups,
    accessEntryArn: arnOfEntry(id, entry),
    type: entry.type,
    tags: entry.tags,
    username: entry.username ?? entry.principal,
  };
}

const tagSchema = z.strictObject({
  ResourceARNList: z.array(z.string()).min(1),
  Tags: z.record(z.string(), z.string()),
});
const untagSchema = z.strictObject({
  ResourceARNList: z.array(z.string()).min(1),
  TagKeys: z.array(z.string()).min(1),
});
const getSchema = z.strictObject({ ResourceARNList: z.array(z.string()).min(1) });

/** The Resource Groups Tagging API. It needs the right of the owning service beside its own, and says what failed in its answer. */
export function tagging(target: string, call: RestCall): SandboxReply {
  const action = target.split('.').at(-1) ?? '';
  switch (action) {
    case 'GetResources': {
      call.allow('tag:GetResources', '*');
      return json(200, {
        PaginationToken: '',
        ResourceTagMappingList: mappingsOf(call, parse(getSchema, call).ResourceARNList),
      });
    }
    case 'TagResources': {
      call.allow('tag:TagResources', '*');
      const { ResourceARNList, Tags } = parse(tagSchema, call);
      const change: Change = (tags) => ({ ...tags, ...Tags });
      return changeTags(call, ResourceARNList, { verb: 'ec2:CreateTags', keys: Object.keys(Tags), change });
    }
    case 'UntagResources': {
      call.allow('tag:UntagResources', '*');
      const { ResourceARNList, TagKeys } = parse(untagSchema, call);
      const change: Change = (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key)));
      return changeTags(call, ResourceARNList, { verb: 'ec2:DeleteTags', keys: TagKeys, change });
    }
    default:
      throw new AwsFault('UnknownOperationException', action);
  }
}

type Change = (tags: Record<string, string>) => Record<string, string>;

function parse<T extends z.ZodType>(shape: T, { body }: RestCall): z.output<T> {
  const parsed = shape.safeParse(read(body));
  if (!parsed.success) throw new AwsFault('InvalidParameterException', z.prettifyError(parsed.error));
  return parsed.data;
}

/** What never had a tag is not listed. */
function mappingsOf({ state, region }: RestCall, arns: readonly string[]) {
  return arns.flatMap((arn) => {
    const tags = Object.entries(resourceOf(state, region, arn)?.tags ?? {});
    return tags.length === 0 ? [] : [{ ResourceARN: arn, Tags: tags.map(([Key, Value]) => ({ Key, Value })) }];
  });
}

function changeTags(
  call: RestCall,
  arns: readonly string[],
  how: { readonly verb: string; readonly keys: readonly string[]; readonly change: Change },
): SandboxReply {
  const failed: Record<string, unknown> = {};
  for (const arn of arns) {
    try {
      changeOne(call, arn, how);
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      failed[arn] = { StatusCode: error.status, ErrorCode: error.code, ErrorMessage: error.message };
    }
  }
  return json(200, { FailedResourcesMap: failed });
}

function changeOne(
  { state, region, allow }: RestCall,
  arn: string,
  { verb, keys, change }: { readonly verb: string; readonly keys: readonly string[]; readonly change: Change },
): void {
  const resource = resourceOf(state, region, arn);
  if (arn.startsWith('arn:aws:s3:')) for (const one of ['s3:GetBucketTagging', 's3:PutBucketTagging']) allow(one, arn);
  else allow(verb, arn, { 'aws:TagKeys': keys, ...tagContext(resource?.tags) });
  if (resource === undefined) throw new AwsFault('InvalidParameterException', 'the resource does not exist');
  resource.tags = change(resource.tags);
}

function resourceOf(state: AccountState, region: string, arn: string): { tags: Record<string, string> } | undefined {
  if (arn.startsWith('arn:aws:s3:::'))
    return state.buckets.find(({ name, region: at }) => at === region && arn === `arn:aws:s3:::${name}`);
  return state.instances.find(({ id, region: at }) => at === region && arn.endsWith(`:instance/${id}`));
}

function read(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsFault('SerializationException', 'the body is not JSON');
  }
}
