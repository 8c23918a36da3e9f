import { type AwsPermissions, type RuleScope, readingAll } from '../permissions.ts';
import { isolationStateOf, regionOf } from './isolate-plan.ts';

/** What isolating an instance may call, and on what. */
export const ISOLATION_PERMISSIONS: AwsPermissions = {
  read: [
    readingAll(
      ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups'],
      'the instance, the groups of its interfaces, and whether the isolation group is empty',
    ),
    readingAll(['autoscaling:DescribeAutoScalingInstances'], 'the Auto Scaling group that would end the instance'),
  ],
  write: [
    {
      actions: ['autoscaling:EnterStandby'],
      why: 'take the instance out of its Auto Scaling group, which would end it',
      reach: (scope) => ({ resources: scalingArns(scope) }),
    },
    {
      actions: ['ec2:ModifyNetworkInterfaceAttribute'],
      why: 'put the interfaces under the isolation group, and under no other group',
      reach: (scope) => ({ resources: [...interfaceArns(scope), ...isolationGroupArns(scope)] }),
    },
  ],
  undo: [
    {
      actions: ['autoscaling:ExitStandby'],
      why: 'put the instance back into its Auto Scaling group',
      reach: (scope) => ({ resources: scalingArns(scope) }),
    },
    {
      actions: ['ec2:ModifyNetworkInterfaceAttribute'],
      why: 'give the interfaces the groups back that they had',
      reach: (scope) => ({ resources: [...interfaceArns(scope), ...originalGroupArns(scope)] }),
    },
  ],
};

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

/** Its ARN holds an id that no reading of the instance gives; the name is unique in account and region. */
function scalingArns({ account, prepared }: RuleScope): string[] {
  const arnOf = (region: string, name: string): string =>
    `arn:aws:autoscaling:${region}:${account.id}:autoScalingGroup:*:autoScalingGroupName/${name}`;
  if (prepared === undefined) return [arnOf('*', '*')];
  const { scalingGroup } = isolationStateOf(prepared.beforeState);
  return scalingGroup === undefined ? [] : [arnOf(regionOf(prepared.target), scalingGroup)];
}
