import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import { TargetError } from '../../errors.ts';
import type { NetworkInterface } from '../schema.ts';
import { numbered, planQuery } from '../wire/request.ts';

/** What an isolation changes and must find as it was planned. */
export const isolationStateSchema = z.object({
  isolationGroup: z.string(),
  interfaces: z.array(z.object({ id: z.string(), groups: z.array(z.string()) })).min(1),
  /** The Auto Scaling group it is taken out of; absent: it serves none. */
  scalingGroup: z.string().optional(),
});
export type IsolationState = z.infer<typeof isolationStateSchema>;

/** @throws TargetError `invalid` */
export function isolationStateOf(beforeState: unknown): IsolationState {
  const state = isolationStateSchema.safeParse(beforeState);
  if (!state.success) throw new TargetError('invalid', 'the plan does not say which interfaces it isolates');
  return state.data;
}

export function groupsOf({ groupSet }: NetworkInterface): string[] {
  return groupSet.map(({ groupId }) => groupId);
}

/** In the order of the API, which decides nothing, so that planning twice gives the same plan. */
export function interfacesOf(interfaces: readonly NetworkInterface[]): IsolationState['interfaces'] {
  return interfaces
    .map((one) => ({ id: one.networkInterfaceId, groups: groupsOf(one) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The call replaces the whole list, so one request is one interface. */
export function setGroups(region: string, id: string, groups: readonly string[], purpose: string): PlannedRequest {
  return planQuery(
    'ec2',
    region,
    'ModifyNetworkInterfaceAttribute',
    { NetworkInterfaceId: id, ...numbered('SecurityGroupId', groups) },
    purpose,
  );
}

/** What is sent for each part of the state, so that a part that needs nothing is left out and no other. */
export interface IsolationPlan {
  readonly standby: readonly PlannedRequest[];
  /** In the order of the state's interfaces. */
  readonly interfaces: readonly PlannedRequest[];
}

/**
 * Standby comes first and ends last: its group would end an instance that answers no health check, and the evidence with
 * it. Standby also takes it out of the group's load balancers, and back in.
 */
export function isolationOf(instance: string, region: string, state: IsolationState): IsolationPlan {
  const { isolationGroup, interfaces, scalingGroup: group } = state;
  return {
    standby: group === undefined ? [] : [enterStandby(region, group, instance)],
    interfaces: interfaces.map(({ id }) =>
      setGroups(region, id, [isolationGroup], `put ${id} under the isolation group`),
    ),
  };
}

export function wayBackOf(instance: string, region: string, state: IsolationState): IsolationPlan {
  const { interfaces, scalingGroup: group } = state;
  return {
    standby: group === undefined ? [] : [exitStandby(region, group, instance)],
    interfaces: interfaces.map(({ id, groups }) => setGroups(region, id, groups, `give ${id} its groups back`)),
  };
}

export function planIsolation(
  instance: string,
  region: string,
  state: IsolationState,
): { readonly requests: PlannedRequest[]; readonly inverse: PlannedRequest[] } {
  const [there, back] = [isolationOf(instance, region, state), wayBackOf(instance, region, state)];
  return {
    requests: [...there.standby, ...there.interfaces],
    inverse: [...back.interfaces, ...back.standby],
  };
}

function enterStandby(region: string, group: string, instance: string): PlannedRequest {
  return planQuery(
    'autoscaling',
    region,
    'EnterStandby',
    { AutoScalingGroupName: group, 'InstanceIds.member.1': instance, ShouldDecrementDesiredCapacity: 'false' },
    `take it out of Auto Scaling group ${group}, which starts another one`,
  );
}

function exitStandby(region: string, group: string, instance: string): PlannedRequest {
  return planQuery(
    'autoscaling',
    region,
    'ExitStandby',
    { AutoScalingGroupName: group, 'InstanceIds.member.1': instance },
    `put it back into Auto Scaling group ${group}`,
  );
}

export function sameGroups(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((group) => b.includes(group));
}

export function regionOf({ region }: AwsTarget): string {
  if (region === undefined) throw new TargetError('invalid', 'the plan names an instance without its region');
  return region;
}
