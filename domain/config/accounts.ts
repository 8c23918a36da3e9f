import * as z from 'zod';
import { secretName, serviceUrl } from './fields.ts';

/** Where the name of an action stands in `writeRoles`. */
export const ACTION_PLACEHOLDER = '{action}';

const roleArn = z
  .string()
  .regex(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'must be the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME');
/** An exact name, or the beginning of names and a star. */
const namePattern = z
  .string()
  .regex(/^[\w+=,.@-]{1,64}\*?$/, 'must be a name, or the beginning of names followed by *');

/** An AWS account whose resources Parapet may act on, through roles that an administrator of it makes (docs/connect/aws-response.md). */
export const accountSchema = z
  .strictObject({
    id: z.string().regex(/^\d{12}$/, 'must be the 12 digits of an AWS account'),
    environment: z.string().default('production'),
    regions: z
      .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-central-1'))
      .min(1)
      .describe('Where Parapet looks for instances; STS is asked in the first.'),
    readRole: roleArn.describe('Assumed for planning and verification. It may change nothing.'),
    writeRoles: z
      .string()
      .regex(
        /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]*\{action\}$/,
        'must be the ARN of a role whose name ends in {action}, e.g. arn:aws:iam::111122223333:role/parapet-{action}',
      )
      .describe(
        'One role per action, e.g. parapet-isolate-instance, and parapet-isolate-instance-undo for its way back.',
      ),
    rightsRole: roleArn
      .optional()
      .describe(
        'May only ask IAM what the roles of approvers may do. Needed where approvers have a role in this account.',
      ),
    externalIdSecret: secretName
      .optional()
      .describe('JSON {"externalId"} that the trust policies of the roles ask for.'),
    isolationGroups: z
      .array(
        z.strictObject({
          vpc: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'must be the id of a VPC'),
          group: z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'must be the id of a security group'),
        }),
      )
      .default([])
      .describe('For each VPC a security group without any rule, outbound included.'),
    denyAllPolicy: z
      .string()
      .regex(/^arn:aws:iam::\d{12}:policy\/[\w+=,.@/-]{1,512}$/, 'must be the ARN of a customer managed policy')
      .optional()
      .describe('Managed policy that denies everything; the only one Parapet may attach.'),
    protectedPrincipals: z
      .array(namePattern)
      .default([])
      .describe('Names of roles and users that are never touched: break-glass, deployment. A trailing * is allowed.'),
    protectedTags: z
      .array(z.strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) }))
      .default([{ key: 'ir:protected', value: 'true' }])
      .describe('Whatever carries one of these tags is never touched.'),
    endpoint: serviceUrl
      .optional()
      .describe('One address for every service of AWS, for a sandbox. Absent: AWS itself.'),
  })
  .superRefine((account, context) => {
    for (const field of ['readRole', 'writeRoles', 'rightsRole', 'denyAllPolicy'] as const) {
      const arn = account[field];
      if (arn !== undefined && arn.split(':')[4] !== account.id)
        context.addIssue({ code: 'custom', path: [field], message: `must lie in account ${account.id}` });
    }
    const vpcs = account.isolationGroups.map(({ vpc }) => vpc);
    if (new Set(vpcs).size !== vpcs.length)
      context.addIssue({ code: 'custom', path: ['isolationGroups'], message: 'a VPC has one isolation group' });
  });
export type AccountConfiguration = z.infer<typeof accountSchema>;

/** How Parapet logs in to an EKS cluster: as two roles that have an access entry there, and no more rights than its groups. */
export const eksSchema = z
  .strictObject({
    name: z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'must be the name of an EKS cluster'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-central-1'),
    readRole: roleArn,
    writeRole: roleArn,
  })
  .refine(({ readRole, writeRole }) => readRole !== writeRole, {
    path: ['writeRole'],
    message: 'must be another role than readRole: reading and containing use different identities',
  });
export type EksConfiguration = z.infer<typeof eksSchema>;

/** Which half of an action a role is for. */
export type RoleUse = 'apply' | 'undo';

/** `aws.isolate-instance` → the ARN of `parapet-isolate-instance`, or of `parapet-isolate-instance-undo`. */
export function writeRoleOf(account: Pick<AccountConfiguration, 'writeRoles'>, action: string, use: RoleUse): string {
  const verb = action.slice(action.indexOf('.') + 1);
  return account.writeRoles.replace(ACTION_PLACEHOLDER, use === 'undo' ? `${verb}-undo` : verb);
}
