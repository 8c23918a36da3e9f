import * as z from 'zod';
import type { PlannedRequest } from '../../../domain/actions/action.ts';
import { TargetError } from '../errors.ts';
import type { AwsAccountFacts } from './api.ts';
import { cutOffIn, REVOKE_POLICY } from './revocation.ts';
import { OUR_TAG_KEYS } from './tags.ts';
import { type AwsCall, eksCall, GLOBAL, type Parameters, queryCall, taggingCall, takeApart } from './wire/request.ts';

/**
 * The closed list of what is ever written to an account: operation by operation, with the fields each may have. What a plan holds
 * beside it is not sent, whoever approved it; the roles' policies say the same once more.
 */
const FORMS: Readonly<Record<string, (parameters: Parameters, account: AwsAccountFacts) => boolean>> = {
  'ec2/ModifyNetworkInterfaceAttribute': (of) =>
    onlyFields(of, /^(?:NetworkInterfaceId|SecurityGroupId\.\d+)$/) && of['SecurityGroupId.1'] !== undefined,
  // The group starts another instance in its place: capacity is not taken away from who uses it.
  'autoscaling/EnterStandby': (of) =>
    onlyFields(of, /^(?:AutoScalingGroupName|InstanceIds\.member\.1|ShouldDecrementDesiredCapacity)$/) &&
    of['ShouldDecrementDesiredCapacity'] === 'false',
  'autoscaling/ExitStandby': (of) => onlyFields(of, /^(?:AutoScalingGroupName|InstanceIds\.member\.1)$/),
  'ec2/CreateSnapshots': (of) =>
    onlyFields(
      of,
      /^(?:Description|InstanceSpecification\.InstanceId|TagSpecification\.1\.(?:ResourceType|Tag\.\d+\.(?:Key|Value)))$/,
    ),
  'iam/PutRolePolicy': (of) =>
    onlyFields(of, /^(?:RoleName|PolicyName|PolicyDocument)$/) &&
    of['PolicyName'] === REVOKE_POLICY &&
    cutOffIn(of['PolicyDocument'] ?? '') !== undefined,
  'iam/DeleteRolePolicy': (of) => onlyFields(of, /^(?:RoleName|PolicyName)$/) && of['PolicyName'] === REVOKE_POLICY,
  'iam/AttachRolePolicy': isOurPolicy('RoleName'),
  'iam/DetachRolePolicy': isOurPolicy('RoleName'),
  'iam/AttachUserPolicy': isOurPolicy('UserName'),
  'iam/DetachUserPolicy': isOurPolicy('UserName'),
  // Without a user name IAM would take the caller's.
  'iam/UpdateAccessKey': (of) =>
    onlyFields(of, /^(?:UserName|AccessKeyId|Status)$/) &&
    Boolean(of['UserName']) &&
    ['Active', 'Inactive'].includes(of['Status'] ?? ''),
};

function isOurPolicy(field: 'RoleName' | 'UserName') {
  return (of: Parameters, { denyAllPolicy }: AwsAccountFacts): boolean =>
    onlyFields(of, new RegExp(`^(?:${field}|PolicyArn)$`)) &&
    denyAllPolicy !== undefined &&
    of['PolicyArn'] === denyAllPolicy;
}

function onlyFields(of: Parameters, allowed: RegExp): boolean {
  return Object.keys(of).length > 0 && Object.keys(of).every((field) => allowed.test(field));
}

const tagsSchema = z.strictObject({
  ResourceARNList: z.array(z.string()).length(1),
  Tags: z.partialRecord(z.enum(OUR_TAG_KEYS), z.string()),
});
const untagSchema = z.strictObject({
  ResourceARNList: z.array(z.string()).length(1),
  TagKeys: z.array(z.enum(OUR_TAG_KEYS)).min(1),
});
const ENTRY = /^\/clusters\/[^/]+\/access-entries\/[^/]+$/;
const EKS: readonly { readonly method: 'POST' | 'DELETE'; readonly path: RegExp; readonly name: string }[] = [
  { method: 'DELETE', path: ENTRY, name: 'DeleteAccessEntry' },
  { method: 'POST', path: /^\/clusters\/[^/]+\/access-entries$/, name: 'CreateAccessEntry' },
  {
    method: 'POST',
    path: /^\/clusters\/[^/]+\/access-entries\/[^/]+\/access-policies$/,
    name: 'AssociateAccessPolicy',
  },
];

/** @throws TargetError `invalid` for what is not in the list; such a request is never sent */
export function callOf(request: PlannedRequest, account: AwsAccountFacts, dryRun: boolean): AwsCall {
  const parts = takeApart(request);
  const placed = parts.service === 'iam' ? parts.region === GLOBAL : account.regions.includes(parts.region);
  const call = placed ? callTo(parts, request, account, dryRun) : undefined;
  if (call === undefined || (dryRun && parts.service !== 'ec2'))
    throw new TargetError('invalid', `a request ${request.path} of this form is never sent`);
  return call;
}

function callTo(
  { service, region, rest, parameters }: ReturnType<typeof takeApart>,
  request: PlannedRequest,
  account: AwsAccountFacts,
  dryRun: boolean,
): AwsCall | undefined {
  switch (service) {
    case 'tagging':
      return taggingOf(region, rest, request.body);
    case 'eks':
      return eksOf(region, rest, request);
    case 'ec2':
    case 'autoscaling':
    case 'iam': {
      const fits = request.method === 'POST' && FORMS[`${service}/${rest}`]?.(parameters, account) === true;
      return fits
        ? queryCall(service, region, rest, { ...parameters, ...(dryRun ? { DryRun: 'true' } : {}) })
        : undefined;
    }
    default:
      return undefined;
  }
}

function taggingOf(region: string, action: string, body: unknown): AwsCall | undefined {
  const shape = action === 'TagResources' ? tagsSchema : action === 'UntagResources' ? untagSchema : undefined;
  const parsed = shape?.safeParse(body);
  return parsed?.success === true ? taggingCall(region, action, parsed.data) : undefined;
}

function eksOf(region: string, path: string, { method, body }: PlannedRequest): AwsCall | undefined {
  const form = EKS.find((one) => one.method === method && one.path.test(`/${path}`));
  if (form === undefined) return undefined;
  return eksCall(region, form.name, { method: form.method, path: `/${path}`, ...(body === undefined ? {} : { body }) });
}
