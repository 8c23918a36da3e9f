import type { Ec2Call } from './ec2.ts';
import type { AccountState } from './state.ts';
import { AwsFault, numberedIn, required, type Xml } from './wire.ts';

type ScalingGroup = AccountState['scalingGroups'][number];

/** EC2 Auto Scaling, as far as instances are taken out of service and back. */
export function autoscaling(action: string, call: Ec2Call): { readonly [name: string]: Xml } {
  switch (action) {
    case 'DescribeAutoScalingInstances':
      call.allow(`autoscaling:${action}`, '*');
      return { AutoScalingInstances: describe(call) };
    case 'EnterStandby':
      return change(call, action, (group, instance) => {
        memberIn(group, instance, 'InService').state = 'Standby';
        const lower = required(call.form, 'ShouldDecrementDesiredCapacity') === 'true';
        if (lower) group.desired -= 1;
        // The group starts another one in its place.
        else group.members.push({ instance: `i-instead-of-${instance}`, state: 'InService' });
      });
    case 'ExitStandby':
      return change(call, action, (group, instance) => {
        const member = memberIn(group, instance, 'Standby');
        if (group.desired + 1 > group.maximum)
          throw new AwsFault(
            'ValidationError',
            `You are attempting to exit standby for instances which would exceed max size ${group.maximum}`,
          );
        member.state = 'InService';
        group.desired += 1;
      });
    default:
      throw new AwsFault('InvalidAction', `Could not find operation ${action}`);
  }
}

function describe({ state, region, form }: Ec2Call): Xml {
  const wanted = numberedIn(form, 'InstanceIds.member');
  return state.scalingGroups
    .filter((group) => group.region === region)
    .flatMap(({ name, members }) =>
      members
        .filter(({ instance }) => wanted.includes(instance))
        .map((one) => ({
          InstanceId: one.instance,
          AutoScalingGroupName: name,
          AvailabilityZone: `${region}a`,
          LifecycleState: one.state,
          HealthStatus: 'HEALTHY',
          ProtectedFromScaleIn: false,
        })),
    );
}

function change(
  call: Ec2Call,
  action: string,
  how: (group: ScalingGroup, instance: string) => void,
): { readonly [name: string]: Xml } {
  const { state, region, form, allow } = call;
  const name = required(form, 'AutoScalingGroupName');
  allow(
    `autoscaling:${action}`,
    `arn:aws:autoscaling:${region}:${state.id}:autoScalingGroup:an-id:autoScalingGroupName/${name}`,
  );
  const group = state.scalingGroups.find((one) => one.name === name && one.region === region);
  if (group === undefined) throw new AwsFault('ValidationError', 'AutoScalingGroup name not found - null');
  for (const instance of numberedIn(form, 'InstanceIds.member')) how(group, instance);
  return { Activities: [] };
}

function memberIn({ members, name }: ScalingGroup, instance: string, state: string): ScalingGroup['members'][number] {
  const found = members.find((one) => one.instance === instance);
  if (found === undefined)
    throw new AwsFault('ValidationError', `The instance ${instance} is not part of Auto Scaling group ${name}.`);
  if (found.state !== state) throw new AwsFault('ValidationError', `The instance ${instance} is not in ${state}.`);
  return found;
}
