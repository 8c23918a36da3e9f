import * as z from 'zod';
import { EXECUTABLE_ACTIONS, executableActionSchema } from '../analysis/analysis.ts';

/**
 * `parapet.config.json`. Secrets are names of Secrets Manager entries, never values. Every object is strict: a key that
 * is not known is a spelling mistake somebody must hear about.
 */
const secretName = z
  .string()
  .regex(/^[A-Za-z0-9/_+=.@-]{1,256}$/, 'must be the name of a Secrets Manager entry (letters, digits and /_+=.@-)')
  .describe('Name of a Secrets Manager entry. Never the secret itself.');

/** Plain http is for loopback only: a token must not cross a network in the clear. */
const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => isHttpsOrLoopback(url), 'must be https (http is allowed for 127.0.0.1 and localhost only)');

function isHttpsOrLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
}

const cidr = z
  .string()
  .regex(
    /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|^[0-9a-fA-F:]+\/\d{1,3}$/,
    'must be a network in CIDR form, e.g. 203.0.113.0/24',
  );

const pattern = z.string().min(1).describe('An exact name, or * for any.');

/** A scope matches when every given field matches; a missing field matches all. */
const scopeSchema = z.strictObject({
  account: pattern.optional(),
  cluster: pattern.optional(),
  namespace: pattern.optional(),
  environment: pattern.optional(),
});

const computeSourceSchema = z.strictObject({
  webhook: z.strictObject({
    secret: secretName.describe('JSON {"username","current","previous"?}: the Basic credential of the alert profile.'),
    allowedNetworks: z
      .array(cidr)
      .min(1)
      .describe('Networks the vendor sends from; the resource policy of the webhook edge.'),
    bodyLimitBytes: z.number().int().min(1024).max(4_000_000).default(1_048_576),
    ratePerSecond: z.number().int().min(1).default(200),
    burst: z.number().int().min(1).default(400),
  }),
  api: z.strictObject({
    baseUrl: serviceUrl,
    version: z
      .string()
      .regex(/^v\d+\.\d+$/)
      .default('v34.04'),
    readSecret: secretName.describe('JSON {"username","password"} of a read-only role.'),
    project: z.string().optional(),
    /** The forensic paths exist only as unsupported /api/v1; switched on knowingly. */
    forensics: z.boolean().default(false),
  }),
});

const clusterSchema = z.strictObject({
  name: z.string().min(1).describe('The cluster name as the CWPP reports it.'),
  server: serviceUrl,
  environment: z.string().default('production'),
  readSecret: secretName.describe('JSON {"token","caPem"} of a service account that may only read.'),
  writeSecret: secretName.describe('JSON {"token","caPem"} of the service account that may contain.'),
  protectedNamespaces: z
    .array(z.string())
    .default([])
    .describe('Beside kube-system, kube-public and kube-node-lease, which are always protected.'),
});

const approverSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be lower-case letters, digits, dot, dash or underscore'),
  name: z.string().min(1),
  mail: z.email(),
  may: z
    .array(
      z.strictObject({
        actions: z.array(z.union([executableActionSchema, z.literal('*')])).min(1),
        scope: scopeSchema.default({}),
      }),
    )
    .min(1),
});

const rolloutSchema = z.strictObject({
  scope: scopeSchema,
  phase: z.enum(['observe', 'assist', 'automate']),
  approvalExpiresAfterSeconds: z
    .number()
    .int()
    .min(5)
    .max(7 * 24 * 3600)
    .optional(),
});

const modelSchema = z.strictObject({
  profile: z.string().min(1),
  provider: z.literal('bedrock'),
  modelId: z.string().min(1),
  region: z.string().min(1),
  endpoint: serviceUrl.optional(),
  maxOutputTokens: z.number().int().min(256).max(32_000).default(4096),
  timeoutSeconds: z.number().int().min(5).max(120).default(60),
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
  }),
  sources: z.strictObject({ 'prisma-cloud-compute': computeSourceSchema.optional() }),
  incidents: z
    .strictObject({
      windowMinutes: z
        .number()
        .int()
        .min(1)
        .max(24 * 60)
        .default(60),
      minimumSeverityToAct: z.enum(['low', 'medium', 'high', 'critical']).default('medium'),
    })
    .default({ windowMinutes: 60, minimumSeverityToAct: 'medium' }),
  clusters: z.array(clusterSchema).default([]),
  rollout: z.array(rolloutSchema).default([]).describe('First match wins; what matches nothing is in phase observe.'),
  approvals: z
    .strictObject({
      expiresAfterSeconds: z
        .number()
        .int()
        .min(5)
        .max(7 * 24 * 3600)
        .default(1800),
      linkSecret: secretName
        .default('parapet/approval-links')
        .describe('JSON {"current","previous"?}: signs approval links.'),
    })
    .default({ expiresAfterSeconds: 1800, linkSecret: 'parapet/approval-links' }),
  approvers: z.array(approverSchema).default([]),
  actions: z
    .partialRecord(z.enum(EXECUTABLE_ACTIONS), z.strictObject({ gate: z.enum(['suggest', 'ask']) }))
    .default({})
    .describe('Actions that are not named here are only suggested.'),
  model: modelSchema.optional().describe('Absent: the rules analyst writes alone.'),
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
          secret: secretName.describe('JSON {"botToken"}.'),
        })
        .optional(),
      mail: z.strictObject({ from: z.email() }).optional(),
    })
    .default({}),
});
export type Configuration = z.infer<typeof configurationSchema>;
export type ClusterConfiguration = Configuration['clusters'][number];
export type ApproverConfiguration = Configuration['approvers'][number];
export type Scope = z.infer<typeof scopeSchema>;
export type ModelConfiguration = NonNullable<Configuration['model']>;
export type ComputeSourceConfiguration = NonNullable<Configuration['sources']['prisma-cloud-compute']>;
