import type { Verification } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsReader, AwsWriter } from '../api.ts';
import { findInstance, isOver } from '../instances.ts';
import { type RuleScope, readingAll } from '../permissions.ts';
import type { NetworkInterface } from '../schema.ts';
import { protectingTag } from '../tags.ts';
import { attempt, no, type Standing, settled, undo } from './attempt.ts';
import { groupsOf, interfacesOf, isolationStateOf, planIsolation, sameGroups } from './isolate-plan.ts';
import { previewIsolation } from './isolate-preview.ts';

/** Cuts an instance off the network and keeps it running as evidence (reference: security group, all interfaces). */
export const isolateInstance: AwsAction = {
  name: 'aws.isolate-instance',
  title: 'Isolate an instance',
  class: 'network-isolation',
  reversible: true,
  permissions: {
    read: [
      readingAll(
        ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups'],
        'the instance, the groups of its interfaces, and whether the isolation group is empty',
      ),
    ],
    write: [
      {
        actions: ['ec2:ModifyNetworkInterfaceAttribute'],
        why: 'put the interfaces under the isolation group, and under no other group',
        reach: (scope) => ({ resources: [...interfaceArns(scope), ...isolationGroupArns(scope)] }),
      },
    ],
    undo: [
      {
        actions: ['ec2:ModifyNetworkInterfaceAttribute'],
        why: 'give the interfaces the groups back that they had',
        reach: (scope) => ({ resources: [...interfaceArns(scope), ...originalGroupArns(scope)] }),
      },
    ],
  },

  async prepare(read, { incidentId, actionId, target: asked, parameters }) {
    const found = await findInstance(read, asked);
    if ('ok' in found) return found;
    const { region, instance, target } = found;
    const interfaces = await read.getInterfaces(region, target.name);
    const obstacle = obstacleOf(read, interfaces);
    if (obstacle !== undefined) return no(obstacle.code, obstacle.reason);
    const group = read.account.isolationGroups.find(({ vpc }) => vpc === instance.vpcId)?.group;
    if (group === undefined)
      return no(
        'unsupported',
        `no isolation group is configured for ${instance.vpcId ?? 'the network'} of the instance`,
      );
    const flaw = await flawOf(read, region, group, instance.vpcId);
    if (flaw !== undefined) return no('unsupported', flaw);
    if (interfaces.every((one) => sameGroups(groupsOf(one), [group])))
      return no('unsupported', 'all its interfaces are under the isolation group already');
    const state = { isolationGroup: group, interfaces: interfacesOf(interfaces) };
    const plan = planIsolation(region, state);
    return {
      ok: true,
      prepared: {
        action: 'aws.isolate-instance',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        beforeState: state,
        ...plan,
      },
      preview: previewIsolation(plan, { target, state, instance, interfaces }),
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, { target, beforeState }) {
    const { isolationGroup } = isolationStateOf(beforeState);
    const region = regionOf(target);
    const verifiedAt = read.now().toISOString();
    const instance = await read.getInstance(region, target.name);
    if (instance === undefined || isOver(instance)) {
      const detail = 'the instance no longer runs';
      return {
        result: 'contained',
        enforcement: 'not-applicable',
        checks: [{ name: 'instance-gone', ok: true, detail }],
        verifiedAt,
      };
    }
    const interfaces = await read.getInterfaces(region, target.name);
    const checks = interfaces.map((one) => underIsolation(one, isolationGroup));
    const flaw = await flawOf(read, region, isolationGroup, instance.vpcId);
    const empty = { name: 'group-empty', ok: flaw === undefined, detail: flaw ?? `${isolationGroup} has no rule` };
    return {
      result: resultOf(checks, empty.ok),
      enforcement: 'not-applicable',
      checks: [...checks, empty],
      verifiedAt,
    };
  },

  rollBack: (write, { target, beforeState, inverse }) =>
    undo(write, async () => {
      const { isolationGroup, interfaces: before } = isolationStateOf(beforeState);
      const live = await write.getInterfaces(regionOf(target), target.name);
      const steps = before.map(({ id, groups }, index) => {
        const now = live.find(({ networkInterfaceId }) => networkInterfaceId === id);
        const request = inverse[index];
        if (now === undefined) return { said: `${id} is no longer attached` };
        if (sameGroups(groupsOf(now), groups)) return { said: `${id} has its groups` };
        if (!sameGroups(groupsOf(now), [isolationGroup]))
          return { said: `${id} was given other groups by somebody else, which are left alone` };
        if (request === undefined) throw new TargetError('invalid', `the plan holds no way back for ${id}`);
        return { said: `${id} has its groups back`, request };
      });
      return { requests: steps.flatMap(({ request }) => request ?? []), said: steps.map(({ said }) => said) };
    }),
};

function obstacleOf(
  read: AwsReader,
  interfaces: readonly NetworkInterface[],
): { readonly code: 'unsupported' | 'protected'; readonly reason: string } | undefined {
  if (interfaces.length === 0) return { code: 'unsupported', reason: 'the instance has no network interface' };
  const managed = interfaces.find(({ requesterManaged }) => requesterManaged);
  if (managed !== undefined) {
    return {
      code: 'unsupported',
      reason: `${managed.networkInterfaceId} is managed by a service of AWS, which alone may change it`,
    };
  }
  for (const { networkInterfaceId, tagSet } of interfaces) {
    const tag = protectingTag(tagSet, read.account);
    if (tag !== undefined) return { code: 'protected', reason: `${networkInterfaceId} carries the tag ${tag}` };
  }
  return undefined;
}

/** A group with a rule isolates nothing, whatever it is called. */
async function flawOf(
  read: AwsReader,
  region: string,
  id: string,
  vpc: string | undefined,
): Promise<string | undefined> {
  const group = await read.getSecurityGroup(region, id);
  if (group === undefined) return `isolation group ${id} does not exist`;
  if (group.vpcId !== vpc) return `isolation group ${id} lies in another VPC`;
  const [inbound, outbound] = [group.ipPermissions.length, group.ipPermissionsEgress.length];
  if (inbound + outbound === 0) return undefined;
  return `isolation group ${id} is not empty: it has ${inbound} inbound and ${outbound} outbound rules`;
}

/** Reads everything again and compares it with what was approved. */
async function standingOf(write: AwsWriter, prepared: Parameters<AwsAction['apply']>[1]): Promise<Standing> {
  const found = await findInstance(write, prepared.target);
  if ('ok' in found) return settled(found.code === 'protected' ? 'refused' : 'gone', found.reason);
  const { isolationGroup, interfaces: planned } = isolationStateOf(prepared.beforeState);
  const interfaces = await write.getInterfaces(found.region, prepared.target.name);
  const obstacle = obstacleOf(write, interfaces);
  if (obstacle !== undefined) return settled('refused', obstacle.reason);
  const flaw = await flawOf(write, found.region, isolationGroup, found.instance.vpcId);
  if (flaw !== undefined) return settled('refused', flaw);
  const live = interfacesOf(interfaces);
  if (canonicalJson(live.map(({ id }) => id)) !== canonicalJson(planned.map(({ id }) => id)))
    return settled('changed', 'other interfaces are attached than when this was planned; plan again');
  const open = live.filter(({ groups }) => !sameGroups(groups, [isolationGroup]));
  if (open.length === 0) return settled('already-applied', 'every interface is under the isolation group');
  const changed = open.find(({ id, groups }) => {
    const before = planned.find((one) => one.id === id)?.groups ?? [];
    return !sameGroups(before, groups);
  });
  if (changed !== undefined)
    return settled('changed', `${changed.id} has other groups than when this was planned; plan again`);
  const ids = new Set(open.map(({ id }) => id));
  return { kind: 'ready', requests: prepared.requests.filter((_, index) => ids.has(planned[index]?.id ?? '')) };
}

function underIsolation(one: NetworkInterface, group: string): Verification['checks'][number] {
  const groups = groupsOf(one);
  const ok = sameGroups(groups, [group]);
  return {
    name: one.networkInterfaceId,
    ok,
    detail: ok ? `is under ${group} and no other group` : `is under ${groups.join(', ') || 'no group'}`,
  };
}

function resultOf(checks: Verification['checks'], empty: boolean): Verification['result'] {
  const closed = checks.filter(({ ok }) => ok).length;
  if (closed === 0 || !empty) return 'failed';
  return closed === checks.length ? 'contained' : 'partial';
}

function regionOf({ region }: AwsTarget): string {
  if (region === undefined) throw new TargetError('invalid', 'the plan names an instance without its region');
  return region;
}

function interfaceArns({ account, prepared }: RuleScope): string[] {
  if (prepared === undefined) return [`arn:aws:ec2:*:${account.id}:network-interface/*`];
  const region = regionOf(prepared.target);
  return isolationStateOf(prepared.beforeState).interfaces.map(
    ({ id }) => `arn:aws:ec2:${region}:${account.id}:network-interface/${id}`,
  );
}

function isolationGroupArns({ account, prepared }: RuleScope): string[] {
  if (prepared === undefined)
    return account.isolationGroups.map(({ group }) => `arn:aws:ec2:*:${account.id}:security-group/${group}`);
  const { isolationGroup } = isolationStateOf(prepared.beforeState);
  return [`arn:aws:ec2:${regionOf(prepared.target)}:${account.id}:security-group/${isolationGroup}`];
}

function originalGroupArns({ account, prepared }: RuleScope): string[] {
  if (prepared === undefined) return [`arn:aws:ec2:*:${account.id}:security-group/*`];
  const region = regionOf(prepared.target);
  const groups = isolationStateOf(prepared.beforeState).interfaces.flatMap((one) => one.groups);
  return [...new Set(groups)].map((id) => `arn:aws:ec2:${region}:${account.id}:security-group/${id}`);
}
