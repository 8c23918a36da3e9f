import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsReader } from '../api.ts';
import { awsCommand } from '../cli.ts';
import type { IamRule, RuleScope } from '../permissions.ts';
import { protectionOfArn } from '../protection.ts';
import { type AccessEntry, accessEntrySchema, associatedPolicySchema } from '../schema.ts';
import { protectingTag } from '../tags.ts';
import { accessEntryPath, planEks } from '../wire/request.ts';
import { attempt, no, settled, undo } from './attempt.ts';

const stateSchema = z.lazy(() =>
  z.object({ region: z.string(), entry: accessEntrySchema, policies: z.array(associatedPolicySchema) }),
);

const READ = ['eks:DescribeAccessEntry', 'eks:ListAssociatedAccessPolicies'];

function onEntries(actions: readonly string[], why: string): IamRule {
  return { actions, why, reach: (scope) => ({ resources: entryArns(scope) }) };
}

/** Takes a principal's way into an EKS cluster away, which no denial in IAM does. */
export const removeEksAccessEntry: AwsAction = {
  name: 'aws.remove-eks-access-entry',
  title: 'Remove an EKS access entry',
  class: 'identity',
  reversible: true,
  permissions: {
    read: [
      onEntries(READ, 'the entry and its access policies, for putting them back'),
      {
        actions: ['eks:DescribeCluster'],
        why: 'whether the cluster lets people in by its config map, too',
        reach: (scope) => ({ resources: clusterArns(scope) }),
      },
    ],
    write: [onEntries(['eks:DeleteAccessEntry'], 'remove the entry')],
    undo: [
      {
        actions: ['eks:CreateAccessEntry'],
        why: 'create the entry again',
        reach: (scope) => ({ resources: clusterArns(scope) }),
      },
      onEntries(['eks:AssociateAccessPolicy'], 'give it its access policies again'),
    ],
  },

  async prepare(read, { incidentId, actionId, target: asked, parameters }) {
    if (asked.kind !== 'eks-access-entry') return no('unsupported', 'this is for EKS access entries only');
    const guard = protectionOfArn(asked.arn, read.account);
    if (guard !== undefined) return no('protected', guard);
    const found = await findEntry(read, asked);
    if (found === undefined) return no('gone', `${asked.arn} has no access entry to cluster ${asked.name}`);
    const { region, entry } = found;
    const obstacle = obstacleOf(read, entry);
    if (obstacle !== undefined) return no(obstacle.code, obstacle.reason);
    const mode = await read.getAuthenticationMode(region, asked.name);
    const target = { ...asked, region };
    const { policies, ...rest } = entry;
    const requests = [
      planEks('DELETE', region, accessEntryPath(asked.name, asked.arn), undefined, 'remove the access entry'),
    ];
    const inverse = restoring(region, asked.name, entry);
    return {
      ok: true,
      prepared: {
        action: 'aws.remove-eks-access-entry',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        beforeState: { region, entry: rest, policies },
        requests,
        inverse,
      },
      preview: {
        title: `Remove the access of ${asked.arn} to EKS cluster ${asked.name}`,
        summary: `The principal can no longer log in to the cluster. ${holds(entry)}`,
        commands: requests.map(awsCommand),
        blastRadius: [
          'Everybody who uses this principal loses the cluster within seconds; tokens that were issued are asked for again at each request.',
          'What runs in the cluster goes on; service accounts are not affected.',
        ],
        undo: [
          'The entry is created again from its stored copy, with its access policies:',
          ...inverse.map(awsCommand),
        ].join('\n'),
        warnings: [
          ...(mode === 'API'
            ? []
            : [
                `The cluster also lets people in by its config map aws-auth (authentication mode ${mode ?? 'unknown'}): look whether the principal stands there, too.`,
              ]),
          'Other access entries, of roles the principal may assume, were not read.',
        ],
      },
    };
  },

  apply: (write, prepared) =>
    attempt(write, async () => {
      const { region, entry: planned, policies } = stateOf(prepared.beforeState);
      const guard = protectionOfArn(prepared.target.arn, write.account);
      if (guard !== undefined) return settled('refused', guard);
      const entry = await write.getAccessEntry(region, prepared.target.name, prepared.target.arn);
      if (entry === undefined) return settled('already-applied', 'the access entry no longer exists');
      if (entry.accessEntryArn !== planned.accessEntryArn)
        return settled('replaced', 'the access entry was created anew since this was planned');
      const obstacle = obstacleOf(write, entry);
      if (obstacle !== undefined) return settled('refused', obstacle.reason);
      if (canonicalJson(entry) !== canonicalJson({ ...planned, policies }))
        return settled('changed', 'the access entry has changed since this was planned; plan again');
      return { kind: 'ready', requests: prepared.requests };
    }),

  async verify(read, { target, beforeState }) {
    const { region } = stateOf(beforeState);
    const gone = (await read.getAccessEntry(region, target.name, target.arn)) === undefined;
    return {
      result: gone ? 'contained' : 'failed',
      enforcement: 'not-applicable',
      checks: [
        {
          name: 'entry-removed',
          ok: gone,
          detail: `${target.arn} has ${gone ? 'no' : 'an'} access entry to cluster ${target.name}`,
        },
      ],
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: (write, { target, beforeState, inverse }) =>
    undo(write, async () => {
      const { region, policies } = stateOf(beforeState);
      const live = await write.getAccessEntry(region, target.name, target.arn);
      const [create, ...associations] = inverse;
      if (create === undefined) throw new TargetError('invalid', 'the plan holds no way back');
      const missing = associations.filter(
        (_, index) => !live?.policies.some(({ policyArn }) => policyArn === policies[index]?.policyArn),
      );
      const requests = [...(live === undefined ? [create] : []), ...missing];
      return {
        requests,
        said: [requests.length === 0 ? 'the access entry is there with its policies' : 'the access entry is back'],
      };
    }),
};

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not hold the access entry');
  return state.data;
}

async function findEntry(
  read: AwsReader,
  { name, arn, region }: AwsTarget,
): Promise<{ readonly region: string; readonly entry: AccessEntry } | undefined> {
  for (const candidate of region === undefined ? read.account.regions : [region]) {
    const entry = await read.getAccessEntry(candidate, name, arn);
    if (entry !== undefined) return { region: candidate, entry };
  }
  return undefined;
}

function obstacleOf(
  read: AwsReader,
  { type, tags }: AccessEntry,
): { readonly code: 'unsupported' | 'protected'; readonly reason: string } | undefined {
  // Nodes and AWS's own parts of the cluster log in by such entries; without them they drop out.
  if (type !== 'STANDARD')
    return { code: 'unsupported', reason: `the access entry is of type ${type}, which nodes need` };
  const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
  const tag = protectingTag(list, read.account);
  return tag === undefined ? undefined : { code: 'protected', reason: `the access entry carries the tag ${tag}` };
}

function holds({ kubernetesGroups, policies }: AccessEntry): string {
  const rights = [
    ...policies.map(({ policyArn, accessScope }) => `${policyArn.split('/').at(-1)} (${accessScope.type})`),
    ...kubernetesGroups.map((group) => `group ${group}`),
  ];
  return rights.length === 0 ? 'The entry gives no rights.' : `The entry gives ${rights.join(', ')}.`;
}

function restoring(region: string, cluster: string, entry: AccessEntry): PlannedRequest[] {
  const create = {
    principalArn: entry.principalArn,
    type: entry.type,
    kubernetesGroups: entry.kubernetesGroups,
    ...(entry.username === undefined ? {} : { username: entry.username }),
    ...(Object.keys(entry.tags).length === 0 ? {} : { tags: entry.tags }),
  };
  return [
    planEks('POST', region, accessEntryPath(cluster), create, 'create the access entry again'),
    ...entry.policies.map(({ policyArn, accessScope }) =>
      planEks(
        'POST',
        region,
        `${accessEntryPath(cluster, entry.principalArn)}/access-policies`,
        { policyArn, accessScope },
        'give it its access policy again',
      ),
    ),
  ];
}

function clusterArns({ account, prepared }: RuleScope): string[] {
  return prepared === undefined
    ? [`arn:aws:eks:*:${account.id}:cluster/*`]
    : [`arn:aws:eks:${stateOf(prepared.beforeState).region}:${account.id}:cluster/${prepared.target.name}`];
}

/** An entry that is created again has another id at the end, so the session of the way back is held to its principal. */
function entryArns({ account, prepared }: RuleScope): string[] {
  if (prepared === undefined) return [`arn:aws:eks:*:${account.id}:access-entry/*`];
  const { entry } = stateOf(prepared.beforeState);
  return [`${entry.accessEntryArn.slice(0, entry.accessEntryArn.lastIndexOf('/'))}/*`];
}
