import type { PlannedRequest } from '../../../domain/actions/action.ts';
import { takeApart } from './wire/request.ts';

/** What stands for a shell word without a quote in it. */
function word(text: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const kebab = (name: string): string => name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** The command of the AWS command line that does what one request does: for people, never run by us. */
export function awsCommand(request: PlannedRequest): string {
  const { service, region, rest, parameters } = takeApart(request);
  switch (service) {
    case 'iam':
      return `aws iam ${kebab(rest)} ${options(parameters)}`;
    case 'autoscaling':
      return `aws autoscaling ${kebab(rest)} --region ${region} ${scalingOptions(parameters)}`;
    case 'ec2':
      return `aws ec2 ${kebab(rest)} --region ${region} ${ec2Options(parameters)}`;
    case 'tagging':
      return `aws resourcegroupstaggingapi ${kebab(rest)} --region ${region} --cli-input-json ${word(JSON.stringify(request.body))}`;
    default:
      return `aws eks ${eksVerb(request.method, rest)} --region ${region} ${eksOptions(rest, request.body)}`.trim();
  }
}

function options(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `--${kebab(name)} ${word(value)}`)
    .join(' ');
}

function scalingOptions(parameters: Readonly<Record<string, string>>): string {
  const keeps = parameters['ShouldDecrementDesiredCapacity'] === 'false';
  return [
    `--auto-scaling-group-name ${word(parameters['AutoScalingGroupName'] ?? '')}`,
    `--instance-ids ${word(parameters['InstanceIds.member.1'] ?? '')}`,
    ...(keeps ? ['--no-should-decrement-desired-capacity'] : []),
  ].join(' ');
}

function ec2Options(parameters: Readonly<Record<string, string>>): string {
  const groups = Object.entries(parameters).flatMap(([name, value]) =>
    name.startsWith('SecurityGroupId.') ? [value] : [],
  );
  if (groups.length > 0)
    return `--network-interface-id ${parameters['NetworkInterfaceId'] ?? ''} --groups ${groups.join(' ')}`;
  const tags = Object.keys(parameters)
    .flatMap((name) => /^TagSpecification\.1\.Tag\.(\d+)\.Key$/.exec(name)?.[1] ?? [])
    .map((number) => {
      const of = (field: string): string => parameters[`TagSpecification.1.Tag.${number}.${field}`] ?? '';
      return `{Key=${of('Key')},Value=${of('Value')}}`;
    });
  return [
    `--instance-specification InstanceId=${parameters['InstanceSpecification.InstanceId'] ?? ''}`,
    `--description ${word(parameters['Description'] ?? '')}`,
    `--tag-specifications ${word(`ResourceType=snapshot,Tags=[${tags.join(',')}]`)}`,
  ].join(' ');
}

function eksVerb(method: string, path: string): string {
  if (method === 'DELETE') return 'delete-access-entry';
  return path.endsWith('/access-policies') ? 'associate-access-policy' : 'create-access-entry';
}

function eksOptions(path: string, body: unknown): string {
  const [, cluster = '', , principal] = path.split('/').map(decodeURIComponent);
  return [
    `--cluster-name ${word(cluster)}`,
    ...(principal === undefined ? [] : [`--principal-arn ${word(principal)}`]),
    ...(body === undefined ? [] : [`--cli-input-json ${word(JSON.stringify(body))}`]),
  ].join(' ');
}
