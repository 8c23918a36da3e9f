import * as z from 'zod';
import { ACTION_CLASSES } from '../actions/action.ts';
import { executableActionSchema } from '../analysis/analysis.ts';
import { severitySchema } from '../severity.ts';
import { scopeSchema } from './fields.ts';

export const personId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be lower-case letters, digits, dot, dash or underscore');

/** Action names contain a dot and classes do not, so one list can hold both. */
export const actionsField = z
  .array(z.union([executableActionSchema, z.enum(ACTION_CLASSES), z.literal('*')]))
  .min(1)
  .describe('Names of actions, classes of actions, or * for all.');
export const severitiesField = z
  .array(severitySchema)
  .min(1)
  .optional()
  .describe('Severities of the incident. Absent: any.');

/** Who somebody is to the API server of one cluster: whose rights are asked about before they may decide. */
const clusterIdentitySchema = z.strictObject({
  username: z.string().min(1).max(512),
  groups: z.array(z.string().min(1).max(512)).max(50).default([]),
});
export type ClusterIdentity = z.infer<typeof clusterIdentitySchema>;

/** Who somebody is in an AWS account: the role they work with there. */
const accountIdentitySchema = z.strictObject({
  roleArn: z
    .string()
    .regex(
      /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
      'must be the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME',
    ),
});

export const approverSchema = z.strictObject({
  id: personId,
  name: z.string().min(1),
  mail: z.email(),
  slackId: z
    .string()
    .regex(/^[UW][A-Z0-9]{6,20}$/, 'must be a member id such as U0123456789')
    .optional()
    .describe('Member id in Slack: a click there is this person.'),
  oidcSubject: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Claim `sub` of the identity provider: a sign-in with it is this person.'),
  kubernetes: z
    .record(z.string().min(1), clusterIdentitySchema)
    .optional()
    .describe(
      'By cluster name. Where it is given, the person may decide only what the cluster lets them do themselves.',
    ),
  aws: z
    .record(z.string().regex(/^\d{12}$/, 'must be the 12 digits of an AWS account'), accountIdentitySchema)
    .optional()
    .describe('By account id. Where it is given, the person may decide only what IAM lets that role do itself.'),
  may: z
    .array(z.strictObject({ actions: actionsField, scope: scopeSchema.default({}), severities: severitiesField }))
    .min(1),
});
