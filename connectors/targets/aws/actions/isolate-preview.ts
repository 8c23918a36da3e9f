import type { Preview } from '../../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../../domain/actions/target.ts';
import { awsCommand } from '../cli.ts';
import type { Instance, NetworkInterface, ScalingMember } from '../schema.ts';
import type { IsolationState, planIsolation } from './isolate-plan.ts';

export interface IsolationFacts {
  readonly target: AwsTarget;
  readonly state: IsolationState;
  readonly instance: Instance;
  readonly interfaces: readonly NetworkInterface[];
  readonly member: ScalingMember | undefined;
}

/** EC2's own default for a connection that is established and idle, and that of instance types on Nitro version 6. */
const IDLE_SECONDS = 432_000;
const IDLE_SECONDS_NITRO_6 = 350;

/** What a person reads before deciding on an isolation. Made of facts and the catalogue's own words only. */
export function previewIsolation(plan: ReturnType<typeof planIsolation>, facts: IsolationFacts): Preview {
  const { target, state, instance } = facts;
  const count = state.interfaces.length;
  const interfaces = count === 1 ? 'its network interface' : `all ${count} network interfaces of it`;
  return {
    title: `Isolate instance ${target.name} in account ${target.account}`,
    summary: `Puts ${interfaces} under security group ${state.isolationGroup}, which has no rule in either direction. The instance keeps running, so that its memory and disks stay available as evidence.`,
    commands: plan.requests.map(awsCommand),
    blastRadius: [
      `No new connection to or from ${target.name} is possible, name resolution through anything but the VPC's own resolver included.`,
      instance.ipAddress
        ? `It keeps its public address ${instance.ipAddress}, at which nothing answers any more.`
        : 'It has no public address.',
      ...(state.scalingGroup === undefined
        ? []
        : [
            `Auto Scaling group ${state.scalingGroup} puts it on standby: it is taken out of the group's load balancers, is not ended for failing health checks, and another instance is started in its place.`,
          ]),
      ...nodeOf(instance).map(
        (cluster) =>
          `It is a node of EKS cluster ${cluster}: its kubelet loses the API server, and after about 5 minutes all its pods are started elsewhere, the malicious ones too. Quarantine the pods and cordon the node first.`,
      ),
    ],
    undo: [
      state.scalingGroup === undefined
        ? `Each interface gets its own groups back, in their order:`
        : `Each interface gets its own groups back, in their order, and Auto Scaling group ${state.scalingGroup} takes it back into service, which raises its desired capacity by one and fails where that is more than its maximum:`,
      ...plan.inverse.map(awsCommand),
    ].join('\n'),
    warnings: warnings(facts),
  };
}

function warnings({ instance, interfaces, member }: IsolationFacts): string[] {
  const tuned = interfaces.flatMap(({ networkInterfaceId, connectionTrackingConfiguration: tracking }) =>
    tracking?.tcpEstablishedTimeout === undefined
      ? []
      : [`${networkInterfaceId} is set to ${tracking.tcpEstablishedTimeout} seconds`],
  );
  return [
    `Connections that are open now survive: a change of groups does not interrupt tracked flows, which pass until they are idle for ${IDLE_SECONDS} seconds (5 days; ${IDLE_SECONDS_NITRO_6} seconds on Nitro version 6)${tuned.length > 0 ? `; here ${tuned.join(' and ')}` : ''}.`,
    'To cut them at once: stop the instance after its memory was captured, or deny its addresses in the network ACL of the subnet, which hits the whole subnet. A swap in two steps (first a group that allows everything, which stops the tracking, then the empty one) opens the instance for a moment; Parapet does not do that.',
    'The resolver of the VPC and the metadata service stay reachable whatever the group says: revoke the sessions of its role, too.',
    ...(instance.iamInstanceProfile === undefined
      ? []
      : [`It has the instance profile ${instance.iamInstanceProfile.arn}; credentials that were fetched live on.`]),
    ...scalingWarnings(instance, member),
    'Load balancers that were not given to its Auto Scaling group are not read: they find it unhealthy and drain it.',
  ];
}

function scalingWarnings(instance: Instance, member: ScalingMember | undefined): string[] {
  const tagged = tagOf(instance, 'aws:autoscaling:groupName');
  if (member !== undefined && member.LifecycleState === 'Standby')
    return [
      `It is on standby in Auto Scaling group ${member.AutoScalingGroupName} already, and stays so when this is undone.`,
    ];
  if (member !== undefined || tagged === undefined) return [];
  return [`It carries the tag of Auto Scaling group ${tagged}, which does not know it.`];
}

function tagOf({ tagSet }: Instance, name: string): string | undefined {
  return tagSet.find(({ key }) => key === name)?.value;
}

/** Names of the clusters it is a node of, by the tags EKS and its node groups put on instances. */
function nodeOf({ tagSet }: Instance): string[] {
  const names = tagSet.flatMap(({ key, value }) => {
    if (key === 'eks:cluster-name' || key === 'aws:eks:cluster-name') return [value];
    return key.startsWith('kubernetes.io/cluster/') ? [key.slice('kubernetes.io/cluster/'.length)] : [];
  });
  return [...new Set(names)];
}
