import type { Verification } from '../../../../domain/actions/action.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import type { AwsAction } from '../action.ts';
import type { AwsReader, AwsWriter } from '../api.ts';
import { findInstance, isOver } from '../instances.ts';
import type { NetworkInterface } from '../schema.ts';
import { protectingTag } from '../tags.ts';
import { attempt, no, type Standing, settled, undo } from './attempt.ts';
import { ISOLATION_PERMISSIONS } from './isolate-permissions.ts';
import {
  groupsOf,
  interfacesOf,
  isolationOf,
  isolationStateOf,
  planIsolation,
  regionOf,
  sameGroups,
  wayBackOf,
} from './isolate-plan.ts';
import { previewIsolation } from './isolate-preview.ts';
import { isOut, outOf, saidOf } from './isolate-standby.ts';

/** Cuts an instance off the network and keeps it running as evidence (reference: security group, all interfaces). */
export const isolateInstance: AwsAction = {
  name: 'aws.isolate-instance',
  title: 'Isolate an instance',
  class: 'network-isolation',
  reversible: true,
  permissions: ISOLATION_PERMISSIONS,

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
    const member = await read.getScalingMember(region, target.name);
    if (member !== undefined && !['InService', 'Standby'].includes(member.LifecycleState))
      return no('unsupported', `its Auto Scaling group ${member.AutoScalingGroupName} has it ${member.LifecycleState}`);
    const serves = member?.LifecycleState === 'InService' ? member.AutoScalingGroupName : undefined;
    const state = {
      isolationGroup: group,
      interfaces: interfacesOf(interfaces),
      ...(serves === undefined ? {} : { scalingGroup: serves }),
    };
    const plan = planIsolation(target.name, region, state);
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
      preview: previewIsolation(plan, { target, state, instance, interfaces, member }),
    };
  },

  apply: (write, prepared) => attempt(write, () => standingOf(write, prepared)),

  async verify(read, { target, beforeState }) {
    const { isolationGroup, scalingGroup } = isolationStateOf(beforeState);
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
    const standby =
      scalingGroup === undefined ? [] : [outOf(scalingGroup, await read.getScalingMember(region, target.name))];
    return {
      result: resultOf(
        checks,
        empty.ok,
        standby.every(({ ok }) => ok),
      ),
      enforcement: 'not-applicable',
      checks: [...checks, ...standby, empty],
      verifiedAt,
    };
  },

  rollBack: (write, { target, beforeState }) =>
    undo(write, async () => {
      const state = isolationStateOf(beforeState);
      const region = regionOf(target);
      const back = wayBackOf(target.name, region, state);
      const live = await write.getInterfaces(region, target.name);
      const steps = state.interfaces.map(({ id, groups }, index) => {
        const now = live.find(({ networkInterfaceId }) => networkInterfaceId === id);
        if (now === undefined) return { said: `${id} is no longer attached` };
        if (sameGroups(groupsOf(now), groups)) return { said: `${id} has its groups` };
        if (!sameGroups(groupsOf(now), [state.isolationGroup]))
          return { said: `${id} was given other groups by somebody else, which are left alone` };
        return { said: `${id} has its groups back`, request: back.interfaces[index] };
      });
      const member = state.scalingGroup === undefined ? undefined : await write.getScalingMember(region, target.name);
      const returns = member !== undefined && member.AutoScalingGroupName === state.scalingGroup && isOut(member);
      return {
        requests: [...steps.flatMap(({ request }) => request ?? []), ...(returns ? back.standby : [])],
        said: [
          ...steps.map(({ said }) => said),
          ...(state.scalingGroup === undefined ? [] : [saidOf(state.scalingGroup, member, returns)]),
        ],
      };
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
  const state = isolationStateOf(prepared.beforeState);
  const { isolationGroup, interfaces: planned, scalingGroup } = state;
  const interfaces = await write.getInterfaces(found.region, prepared.target.name);
  const obstacle = obstacleOf(write, interfaces);
  if (obstacle !== undefined) return settled('refused', obstacle.reason);
  const flaw = await flawOf(write, found.region, isolationGroup, found.instance.vpcId);
  if (flaw !== undefined) return settled('refused', flaw);
  const live = interfacesOf(interfaces);
  if (canonicalJson(live.map(({ id }) => id)) !== canonicalJson(planned.map(({ id }) => id)))
    return settled('changed', 'other interfaces are attached than when this was planned; plan again');
  const member = await write.getScalingMember(found.region, prepared.target.name);
  const serves = member !== undefined && !isOut(member);
  if (serves && member.AutoScalingGroupName !== scalingGroup)
    return settled('changed', `it serves Auto Scaling group ${member.AutoScalingGroupName} now; plan again`);
  const open = live.filter(({ groups }) => !sameGroups(groups, [isolationGroup]));
  if (open.length === 0 && !serves) return settled('already-applied', 'every interface is under the isolation group');
  const changed = open.find(({ id, groups }) => {
    const before = planned.find((one) => one.id === id)?.groups ?? [];
    return !sameGroups(before, groups);
  });
  if (changed !== undefined)
    return settled('changed', `${changed.id} has other groups than when this was planned; plan again`);
  const ids = new Set(open.map(({ id }) => id));
  const there = isolationOf(prepared.target.name, found.region, state);
  const requests = [
    ...(serves ? there.standby : []),
    ...there.interfaces.filter((_, index) => ids.has(planned[index]?.id ?? '')),
  ];
  const approved = new Set(prepared.requests.map((one) => canonicalJson(one)));
  if (!requests.every((one) => approved.has(canonicalJson(one))))
    throw new TargetError('invalid', 'the plan does not hold the requests of its own state');
  return { kind: 'ready', requests };
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

function resultOf(checks: Verification['checks'], empty: boolean, out: boolean): Verification['result'] {
  const closed = checks.filter(({ ok }) => ok).length;
  if (closed === 0 || !empty) return 'failed';
  return closed === checks.length && out ? 'contained' : 'partial';
}
