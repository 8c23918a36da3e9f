import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import { awsCommand } from '../cli.ts';
import { type IamRule, type RuleScope, readingAll } from '../permissions.ts';
import type { Tag } from '../schema.ts';
import { OUR_TAG_KEYS, type OurTagKey, protectingTag } from '../tags.ts';
import { planTagging } from '../wire/request.ts';
import { attempt, no, settled, undo } from './attempt.ts';

const tagsSchema = z.partialRecord(z.enum(OUR_TAG_KEYS), z.string());
const stateSchema = z.object({ region: z.string(), before: tagsSchema, after: tagsSchema });

const BUCKET = /^arn:aws:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const INSTANCE = /^arn:aws:ec2:[a-z0-9-]+:\d{12}:instance\/i-[0-9a-f]{8,17}$/;

/** What the tagging service does in the name of the caller, it asks the owning service to allow: so that right is needed, too. */
function onInstances(actions: readonly string[], why: string): IamRule {
  return {
    actions,
    why,
    reach: (scope) => ({
      resources: arnsOf(scope, INSTANCE, `arn:aws:ec2:*:${scope.account.id}:instance/*`),
      // Whatever tags decide about access in the account: only our own keys can be written.
      conditions: { 'ForAllValues:StringEquals': { 'aws:TagKeys': OUR_TAG_KEYS } },
    }),
  };
}

/** S3 replaces all tags of a bucket at once and knows no condition on single keys; the closed list of requests holds it. */
const onBuckets: IamRule = {
  actions: ['s3:GetBucketTagging', 's3:PutBucketTagging'],
  why: 'the tags of a bucket, which the tagging service reads and writes as a whole',
  reach: (scope) => ({ resources: arnsOf(scope, BUCKET, 'arn:aws:s3:::*') }),
};

/** Marks a thing as part of an incident, for people and for rules of their own. It contains nothing. */
export const tagResource: AwsAction = {
  name: 'aws.tag-resource',
  title: 'Tag a resource',
  class: 'annotation',
  reversible: true,
  permissions: {
    read: [readingAll(['tag:GetResources'], 'the tags a thing has')],
    write: [
      readingAll(['tag:TagResources'], 'call the tagging service, which has no resources of its own'),
      onInstances(['ec2:CreateTags'], 'tag an instance with our own keys'),
      onBuckets,
    ],
    undo: [
      readingAll(['tag:TagResources', 'tag:UntagResources'], 'call the tagging service'),
      onInstances(['ec2:CreateTags', 'ec2:DeleteTags'], 'take our own keys away again'),
      onBuckets,
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const region = regionOf(target);
    if (region === undefined || !(BUCKET.test(target.arn) || INSTANCE.test(target.arn)))
      return no('unsupported', `only instances and buckets are tagged, and ${target.arn} is neither in a known region`);
    if (!read.account.regions.includes(region))
      return no('unsupported', `region ${region} is not configured for account ${target.account}`);
    const live = await read.getTags(region, target.arn);
    const guard = protectingTag(live, read.account);
    if (guard !== undefined) return no('protected', `${target.arn} carries the tag ${guard}, which protects it`);
    const before = oursIn(live);
    const after = {
      'ir:incident': incidentId,
      'ir:status': parameters['status'] ?? 'suspect',
      'ir:since': read.now().toISOString(),
      'ir:by': 'parapet',
    };
    const requests = [tag(region, target.arn, after, 'tag it with the incident')];
    const inverse = wayBack(region, target.arn, before, after);
    return {
      ok: true,
      prepared: {
        action: 'aws.tag-resource',
        incidentId,
        actionId,
        target: { ...target, region },
        parameters: { ...parameters },
        beforeState: { region, before, after },
        requests,
        inverse,
      },
      preview: {
        title: `Tag ${target.arn} with incident ${incidentId}`,
        summary: `Writes ${Object.entries(after)
          .map(([key, value]) => `${key}=${value}`)
          .join(', ')}. Its other tags stay as they are.`,
        commands: requests.map(awsCommand),
        blastRadius: ['None, unless a policy or a rule of yours looks at tags that begin with ir:.'],
        undo: ['The tags are taken away again, or have their values of before:', ...inverse.map(awsCommand)].join('\n'),
        warnings: [],
      },
    };
  },

  apply: (write, prepared) =>
    attempt(write, async () => {
      const { region, before, after } = stateOf(prepared.beforeState);
      const live = await write.getTags(region, prepared.target.arn);
      const guard = protectingTag(live, write.account);
      if (guard !== undefined) return settled('refused', `it carries the tag ${guard}, which protects it`);
      const ours = oursIn(live);
      if (sameTags(ours, { ...before, ...after })) return settled('already-applied', 'it carries the tags');
      if (!sameTags(ours, before))
        return settled('changed', 'its tags have changed since this was planned; plan again');
      return { kind: 'ready', requests: prepared.requests };
    }),

  async verify(read, { target, beforeState }) {
    const { region, after } = stateOf(beforeState);
    const live = oursIn(await read.getTags(region, target.arn));
    const checks = OUR_TAG_KEYS.flatMap((key) => {
      const wanted = after[key];
      if (wanted === undefined) return [];
      const ok = live[key] === wanted;
      return [{ name: key, ok, detail: live[key] === undefined ? `${key} is missing` : `${key} is ${live[key]}` }];
    });
    return {
      result: checks.every(({ ok }) => ok) ? 'contained' : 'failed',
      enforcement: 'not-applicable',
      checks,
      verifiedAt: read.now().toISOString(),
    };
  },

  rollBack: (write, { target, beforeState, inverse }) =>
    undo(write, async () => {
      const { region, before, after } = stateOf(beforeState);
      const live = oursIn(await write.getTags(region, target.arn));
      if (sameTags(live, before)) return { requests: [], said: ['its tags are as they were'] };
      const applied = { ...before, ...after };
      // Each as it was or as we wrote it: an attempt before may have broken off between the requests.
      if (!OUR_TAG_KEYS.every((key) => live[key] === before[key] || live[key] === applied[key]))
        return { requests: [], said: ['its tags were changed by somebody else and are left alone'] };
      const open = OUR_TAG_KEYS.filter((key) => live[key] !== before[key]);
      const needed = (path: string): boolean =>
        open.some((key) => (before[key] === undefined) === path.endsWith('/UntagResources'));
      return { requests: inverse.filter(({ path }) => needed(path)), said: ['its tags are as they were'] };
    }),
};

type OurTags = Partial<Record<OurTagKey, string>>;

function stateOf(beforeState: unknown): z.infer<typeof stateSchema> {
  const state = stateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say which tags there were');
  return state.data;
}

function oursIn(tags: readonly Tag[]): OurTags {
  return Object.fromEntries(
    OUR_TAG_KEYS.flatMap((key) => {
      const found = tags.find((one) => one.key === key);
      return found === undefined ? [] : [[key, found.value]];
    }),
  );
}

function sameTags(a: OurTags, b: OurTags): boolean {
  return OUR_TAG_KEYS.every((key) => a[key] === b[key]);
}

function tag(region: string, arn: string, Tags: OurTags, purpose: string): PlannedRequest {
  return planTagging(region, 'TagResources', { ResourceARNList: [arn], Tags }, purpose);
}

function wayBack(region: string, arn: string, before: OurTags, after: OurTags): PlannedRequest[] {
  const added = OUR_TAG_KEYS.filter((key) => after[key] !== undefined && before[key] === undefined);
  const changed = OUR_TAG_KEYS.filter((key) => after[key] !== undefined && before[key] !== undefined);
  const values = Object.fromEntries(changed.map((key) => [key, before[key]]));
  return [
    ...(added.length === 0
      ? []
      : [
          planTagging(region, 'UntagResources', { ResourceARNList: [arn], TagKeys: added }, 'take the tags away again'),
        ]),
    ...(changed.length === 0 ? [] : [tag(region, arn, values, 'give them their values of before')]),
  ];
}

/** An instance's ARN says where it is; a bucket's does not. */
function regionOf({ arn, region }: AwsTarget): string | undefined {
  return region ?? (arn.split(':')[3] || undefined);
}

function arnsOf({ prepared }: RuleScope, form: RegExp, all: string): string[] {
  if (prepared === undefined) return [all];
  return form.test(prepared.target.arn) ? [prepared.target.arn] : [];
}
