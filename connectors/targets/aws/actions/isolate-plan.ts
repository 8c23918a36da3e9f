import * as z from 'zod';
import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { TargetError } from '../../errors.ts';
import type { NetworkInterface } from '../schema.ts';
import { numbered, planQuery } from '../wire/request.ts';

/** What an isolation changes and must find as it was planned. */
export const isolationStateSchema = z.object({
  isolationGroup: z.string(),
  interfaces: z.array(z.object({ id: z.string(), groups: z.array(z.string()) })).min(1),
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

export function planIsolation(
  region: string,
  { isolationGroup, interfaces }: IsolationState,
): { readonly requests: PlannedRequest[]; readonly inverse: PlannedRequest[] } {
  return {
    requests: interfaces.map(({ id }) =>
      setGroups(region, id, [isolationGroup], `put ${id} under the isolation group`),
    ),
    inverse: interfaces.map(({ id, groups }) => setGroups(region, id, groups, `give ${id} its groups back`)),
  };
}

export function sameGroups(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((group) => b.includes(group));
}
