import type { AccountState, InstanceState } from './state.ts';
import { AwsFault, type Form, numberedIn, page, required, type Xml } from './wire.ts';

/** Asks whether the caller may do something to a resource; throws what AWS answers when not. */
export type Allow = (
  action: string,
  resource: string,
  context?: Readonly<Record<string, string | readonly string[]>>,
) => void;

export interface Ec2Call {
  readonly state: AccountState;
  readonly region: string;
  readonly form: Form;
  readonly allow: Allow;
}

type Operation = (call: Ec2Call, action: string) => { readonly [name: string]: Xml };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeInstances: (call, action) => {
    const { state, form, allow } = call;
    allow(`ec2:${action}`, '*');
    const wanted = numberedIn(form, 'InstanceId');
    const found = wanted.map((id) => instanceOf(call, id));
    const { items, next } = page(found, form['NextToken']);
    return { reservationSet: items.map((one) => ({ instancesSet: [instanceXml(state, one)] })), nextToken: next };
  },
  DescribeNetworkInterfaces: (call, action) => {
    const { state, form, allow } = call;
    allow(`ec2:${action}`, '*');
    if (form['Filter.1.Name'] !== 'attachment.instance-id')
      throw new AwsFault('InvalidParameterValue', 'unknown filter');
    const instance = state.instances.find(({ id }) => id === form['Filter.1.Value.1']);
    const { items, next } = page(instance?.interfaces ?? [], form['NextToken']);
    return {
      networkInterfaceSet: items.map((one) => ({
        networkInterfaceId: one.id,
        vpcId: instance?.vpc,
        requesterManaged: one.requesterManaged,
        groupSet: one.groups.map((groupId) => ({ groupId, groupName: groupId })),
        ...(one.establishedTimeout === undefined
          ? {}
          : { connectionTrackingConfiguration: { tcpEstablishedTimeout: one.establishedTimeout } }),
        tagSet: tagsXml(one.tags),
      })),
      nextToken: next,
    };
  },
  DescribeSecurityGroups: (call, action) => {
    const { state, form, allow } = call;
    allow(`ec2:${action}`, '*');
    const group = groupOf(state, required(form, 'GroupId.1', 'MissingParameter'));
    return {
      securityGroupInfo: [
        {
          groupId: group.id,
          groupName: group.name,
          vpcId: group.vpc,
          ipPermissions: rules(group.inbound),
          ipPermissionsEgress: rules(group.outbound),
        },
      ],
    };
  },
  ModifyNetworkInterfaceAttribute: (call, action) => {
    const { state, region, form, allow } = call;
    const id = required(form, 'NetworkInterfaceId', 'MissingParameter');
    const groups = numberedIn(form, 'SecurityGroupId');
    const instance = state.instances.find(({ interfaces }) => interfaces.some((one) => one.id === id));
    const found = instance?.interfaces.find((one) => one.id === id);
    allow(`ec2:${action}`, arnOf(call, 'network-interface', id), tagContext(found?.tags));
    for (const group of groups) allow(`ec2:${action}`, arnOf(call, 'security-group', group));
    if (found === undefined || instance === undefined || instance.region !== region)
      throw new AwsFault('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
    if (found.requesterManaged)
      throw new AwsFault('OperationNotPermitted', 'You are not allowed to manage this interface');
    for (const group of groups)
      if (groupOf(state, group).vpc !== instance.vpc)
        throw new AwsFault('InvalidParameterCombination', 'the group lies in another VPC');
    endDryRun(form);
    found.groups = groups;
    return { return: true };
  },
  CreateSnapshots: (call, action) => {
    const { state, region, form, allow } = call;
    const id = required(form, 'InstanceSpecification.InstanceId', 'MissingParameter');
    const instance = state.instances.find((one) => one.id === id);
    allow(`ec2:${action}`, arnOf(call, 'instance', id), tagContext(instance?.tags));
    for (const volume of instance?.volumes ?? []) allow(`ec2:${action}`, arnOf(call, 'volume', volume));
    allow(`ec2:${action}`, `arn:aws:ec2:${region}::snapshot/*`);
    const tags = tagsIn(form);
    if (Object.keys(tags).length > 0)
      allow('ec2:CreateTags', `arn:aws:ec2:${region}::snapshot/*`, {
        'ec2:CreateAction': action,
        'aws:TagKeys': Object.keys(tags),
      });
    const { volumes } = instanceOf(call, id);
    endDryRun(form);
    const made = volumes.map((volume) => ({
      id: `snap-${String(state.snapshots.length + volumes.indexOf(volume) + 1).padStart(17, '0')}`,
      region,
      volume,
      status: 'pending' as const,
      tags,
    }));
    state.snapshots.push(...made);
    return { snapshotSet: made.map((one) => ({ snapshotId: one.id, volumeId: one.volume, state: one.status })) };
  },
  DescribeSnapshots: (call, action) => {
    const { state, region, form, allow } = call;
    allow(`ec2:${action}`, '*');
    const filters = Object.keys(form).flatMap((key) => /^Filter\.(\d+)\.Name$/.exec(key)?.[1] ?? []);
    const found = state.snapshots.filter((one) =>
      filters.every((number) => {
        const tag = (form[`Filter.${number}.Name`] ?? '').replace(/^tag:/, '');
        return one.region === region && one.tags[tag] === form[`Filter.${number}.Value.1`];
      }),
    );
    const { items, next } = page(found, form['NextToken']);
    return {
      snapshotSet: items.map((one) => ({
        snapshotId: one.id,
        volumeId: one.volume,
        status: one.status,
        progress: one.status === 'completed' ? '100%' : '41%',
        tagSet: tagsXml(one.tags),
      })),
      nextToken: next,
    };
  },
};

export function ec2(action: string, call: Ec2Call): { readonly [name: string]: Xml } {
  const operation = OPERATIONS[action];
  if (operation === undefined)
    throw new AwsFault('InvalidAction', `The action ${action} is not valid for this web service.`);
  return operation(call, action);
}

function arnOf({ state, region }: Ec2Call, kind: string, id: string): string {
  return `arn:aws:ec2:${region}:${state.id}:${kind}/${id}`;
}

/** After everything was checked: what would have been done is not. */
function endDryRun(form: Form): void {
  if (form['DryRun'] === 'true')
    throw new AwsFault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

function instanceOf({ state, region }: Ec2Call, id: string): InstanceState {
  const found = state.instances.find((one) => one.id === id && one.region === region);
  if (found === undefined) throw new AwsFault('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  return found;
}

function groupOf(state: AccountState, id: string) {
  const found = state.groups.find((one) => one.id === id);
  if (found === undefined) throw new AwsFault('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  return found;
}

function instanceXml(_: AccountState, one: InstanceState): Xml {
  return {
    instanceId: one.id,
    instanceState: { code: 16, name: one.state },
    instanceType: one.type,
    vpcId: one.vpc,
    ipAddress: one.publicIp,
    ...(one.profile === undefined ? {} : { iamInstanceProfile: { arn: one.profile, id: 'AIPASANDBOX' } }),
    blockDeviceMapping: one.volumes.map((volumeId, index) => ({
      deviceName: `/dev/sd${'abcdefgh'[index]}`,
      ebs: { volumeId, status: 'attached' },
    })),
    tagSet: tagsXml(one.tags),
  };
}

function tagsXml(tags: Readonly<Record<string, string>>): Xml {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

export function tagContext(tags: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}

function tagsIn(form: Form): Record<string, string> {
  const numbers = Object.keys(form).flatMap((key) => /^TagSpecification\.1\.Tag\.(\d+)\.Key$/.exec(key)?.[1] ?? []);
  const of = (number: string, field: string): string => form[`TagSpecification.1.Tag.${number}.${field}`] ?? '';
  return Object.fromEntries(numbers.map((number) => [of(number, 'Key'), of(number, 'Value')]));
}

function rules(count: number): Xml {
  return Array.from({ length: count }, () => ({ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }));
}
