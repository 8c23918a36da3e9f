import * as z from 'zod';
import { EXECUTABLE_ACTIONS } from '../analysis/analysis.ts';
import { accountSchema, eksSchema } from './accounts.ts';
import { approvalsSchema, expirySeconds } from './approvals.ts';
import { scopeSchema, secretName, serviceUrl } from './fields.ts';
import { intelligenceSchema } from './intelligence.ts';
import { modelsSchema } from './models.ts';
import { automaticPerHour, playbooksSchema } from './playbooks.ts';
import { approverSchema } from './rights.ts';
import { secretStoreSchema } from './secrets.ts';
import { type SourcesConfiguration, sourcesSchema } from './sources.ts';

/** `parapet.config.json`. Every object is strict: a key that is not known is a spelling mistake somebody must hear about. */
const clusterSchema = z.strictObject({
  name: z.string().min(1).describe('The cluster name as the CWPP reports it.'),
  server: serviceUrl,
  environment: z.string().default('production'),
  region: z
    .string()
    .min(1)
    .optional()
    .describe('Where its data lies, e.g. eu-central-1. Absent: a model bound to a region counts as bound for it too.'),
  eks: eksSchema
    .optional()
    .describe(
      'Log in to EKS with tokens of 15 minutes in place of the tokens in readSecret and writeSecret, which then hold {"caPem"} alone.',
    ),
  readSecret: secretName.describe('JSON {"token","caPem"} of a service account that may only read.'),
  writeSecret: secretName.describe('JSON {"token","caPem"} of the service account that may contain.'),
  rightsSecret: secretName
    .optional()
    .describe(
      'JSON {"token","caPem"} of a service account that may only ask what somebody else may do. Needed where approvers have an identity in this cluster.',
    ),
  protectedNamespaces: z
    .array(z.string())
    .default([])
    .describe('Beside kube-system, kube-public, kube-node-lease and parapet, which are always protected.'),
  protectedNames: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Names, or namespace/name, of objects and accounts that are never changed, such as a break-glass account.',
    ),
});

/** How actions are executed, and what is done about them afterwards. */
const responseSchema = z.strictObject({
  watchAfterSeconds: z
    .array(
      z
        .number()
        .int()
        .min(1)
        .max(30 * 24 * 3600),
    )
    .max(6)
    .default([900, 3600, 86_400])
    .describe('When an action that held is looked at again, in seconds after it was verified. Empty: never.'),
  automaticPerHour,
});

const rolloutSchema = z.strictObject({
  scope: scopeSchema,
  phase: z.enum(['observe', 'assist', 'automate']),
  approvalExpiresAfterSeconds: expirySeconds.optional(),
});

/** The webhook edge under a name of one's own. The address API Gateway gives is then switched off. */
const webhookDomainSchema = z.strictObject({
  name: z
    .string()
    .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a DNS name in lower case'),
  certificateArn: z
    .string()
    .regex(/^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, 'must be the ARN of a certificate of ACM')
    .describe('ACM certificate of the name, in the region of the stack.'),
  truststoreUri: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}\/[^\s?#]+$/, 'must be s3://bucket/key of a PEM file')
    .optional()
    .describe('Certificate authorities of the senders: with it, only a sender with a client certificate gets through.'),
});

export const configurationSchema = z.strictObject({
  $schema: z.string().optional(),
  deployment: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be lower-case letters, digits and dashes, 2 to 31 characters')
      .default('parapet'),
    retainData: z.boolean().default(true).describe('Keep tables and buckets when the stack is deleted.'),
    logRetentionDays: z
      .union([z.literal(7), z.literal(14), z.literal(30), z.literal(90), z.literal(180), z.literal(365)])
      .default(90),
    alarmTopicMail: z.email().optional(),
    webhookDomain: webhookDomainSchema.optional().describe('Absent: the address API Gateway gives.'),
  }),
  sources: sourcesSchema,
  secretStore: secretStoreSchema.optional().describe('Absent: AWS Secrets Manager.'),
  intelligence: intelligenceSchema.optional().describe('Absent: KEV, EPSS and OSV, which need no key.'),
  incidents: z
    .strictObject({
      windowMinutes: z
        .number()
        .int()
        .min(1)
        .max(24 * 60)
        .default(60),
      minimumSeverityToAct: z.enum(['low', 'medium', 'high', 'critical']).default('medium'),
      lowSeverityPerMinute: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(60)
        .describe(
          'Incidents of medium severity and below that are taken up per minute; more wait. High and critical never wait.',
        ),
    })
    .default({ windowMinutes: 60, minimumSeverityToAct: 'medium', lowSeverityPerMinute: 60 }),
  clusters: z.array(clusterSchema).default([]),
  accounts: z.array(accountSchema).default([]).describe('AWS accounts Parapet may act in. Absent: in none.'),
  rollout: z.array(rolloutSchema).default([]).describe('First match wins; what matches nothing is in phase observe.'),
  approvals: approvalsSchema,
  approvers: z.array(approverSchema).default([]),
  actions: z
    .partialRecord(z.enum(EXECUTABLE_ACTIONS), z.strictObject({ gate: z.enum(['suggest', 'ask']) }))
    .default({})
    .describe('Actions that are not named here are only suggested.'),
  response: responseSchema.default({ watchAfterSeconds: [900, 3600, 86_400], automaticPerHour: 10 }),
  playbooks: playbooksSchema
    .default([])
    .describe('What may act without a person where the phase is automate. First match wins; absent: nothing may.'),
  models: modelsSchema.optional().describe('Absent: the rules analyst writes alone.'),
  destinations: z
    .strictObject({
      ticket: z
        .strictObject({
          system: z.literal('jira'),
          baseUrl: serviceUrl,
          project: z.string().regex(/^[A-Z][A-Z0-9_]{1,20}$/, 'must be a Jira project key'),
          issueTypeId: z.string().regex(/^\d+$/, 'must be the number of an issue type'),
          secret: secretName.describe('JSON {"email","apiToken"} of the integration user.'),
        })
        .optional(),
      chat: z
        .strictObject({
          system: z.literal('slack'),
          baseUrl: serviceUrl.default('https://slack.com/api'),
          channel: z.string().regex(/^[CGD][A-Z0-9]{6,}$/, 'must be a channel id such as C0123456789, not a name'),
          messagesPerMinute: z
            .number()
            .int()
            .min(1)
            // Slack takes about one message a second and channel.
            .max(60)
            .default(20)
            .describe(
              'Messages a minute; incidents of medium severity and below beyond it are told together in one digest. High, critical and malicious ones never are.',
            ),
          secret: secretName.describe('JSON {"botToken"}.'),
          approvals: z
            .boolean()
            .default(false)
            .describe(
              'Ask in the channel too, with buttons. Needs `signingSecret`, `appId`, `teamId`, and `slackId` of approvers.',
            ),
          signingSecret: secretName
            .optional()
            .describe(
              'JSON {"current","previous"?}: the signing secret of the app, which proves that a click is Slack’s.',
            ),
          appId: z
            .string()
            .regex(/^A[A-Z0-9]{6,20}$/, 'must be an app id such as A0123456789')
            .optional(),
          teamId: z
            .string()
            .regex(/^T[A-Z0-9]{6,20}$/, 'must be a workspace id such as T0123456789')
            .optional(),
        })
        .optional(),
      teams: z
        .strictObject({
          secret: secretName.describe('JSON {"url"} of a Workflows webhook; the address is a secret.'),
        })
        .optional()
        .describe('Cards that link to the approval page; nothing is decided in Teams.'),
      mail: z
        .strictObject({
          from: z.email(),
          configurationSet: z
            .string()
            .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the name of a configuration set of Amazon SES')
            .optional()
            .describe('A configuration set without open and click tracking, in the account and region of the stack.'),
        })
        .optional(),
    })
    .default({}),
});
export type Configuration = z.infer<typeof configurationSchema>;
export type ClusterConfiguration = Configuration['clusters'][number];
export type ApproverConfiguration = Configuration['approvers'][number];
export type Scope = z.infer<typeof scopeSchema>;
export type ComputeSourceConfiguration = NonNullable<SourcesConfiguration['prisma-cloud-compute']>;
export type PrismaCloudSourceConfiguration = NonNullable<SourcesConfiguration['prisma-cloud']>;
export type WizSourceConfiguration = NonNullable<SourcesConfiguration['wiz']>;
export type LaceworkSourceConfiguration = NonNullable<SourcesConfiguration['lacework']>;
export type FalcoSourceConfiguration = NonNullable<SourcesConfiguration['falco']>;
export type GuardDutySourceConfiguration = NonNullable<SourcesConfiguration['guardduty']>;
export type InspectorSourceConfiguration = NonNullable<SourcesConfiguration['inspector']>;
export type GenericSourceConfiguration = NonNullable<SourcesConfiguration['generic']>;
