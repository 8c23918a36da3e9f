import type { Verification } from '../../../../domain/actions/action.ts';
import type { ScalingMember } from '../schema.ts';

/** Out of service by its group's own doing: health checks no longer end it. */
export function isOut({ LifecycleState }: ScalingMember): boolean {
  return LifecycleState === 'Standby' || LifecycleState === 'EnteringStandby';
}

export function outOf(group: string, member: ScalingMember | undefined): Verification['checks'][number] {
  const ok = member === undefined || isOut(member);
  const detail =
    member === undefined
      ? `it no longer belongs to ${group}`
      : `it is ${member.LifecycleState} in ${member.AutoScalingGroupName}`;
  return { name: 'out-of-scaling-group', ok, detail };
}

export function saidOf(group: string, member: ScalingMember | undefined, returns: boolean): string {
  if (returns) return `it serves Auto Scaling group ${group} again`;
  return member === undefined
    ? `it no longer belongs to Auto Scaling group ${group}`
    : `it is ${member.LifecycleState} in ${member.AutoScalingGroupName}`;
}
