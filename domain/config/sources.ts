import * as z from 'zod';
import { cidr, secretName, serviceUrl } from './fields.ts';

/** What every webhook has. Which form of credential a sender uses is said by the secret (functions/receive/credential.ts). */
const webhook = z.strictObject({
  secret: secretName.describe(
    'JSON {"scheme":"basic"|"bearer"|"header"|"path", …} with the live credentials of the sender; see docs/connect.',
  ),
  allowedNetworks: z
    .array(cidr)
    .min(1)
    .describe('Networks the vendor sends from; the resource policy of the webhook edge.'),
  bodyLimitBytes: z.number().int().min(1024).max(4_000_000).default(1_048_576),
  ratePerSecond: z.number().int().min(1).default(200),
  burst: z.number().int().min(1).default(400),
});

/** How often the vendor's API is asked for what the push missed. Absent: never. */
const reconcileEveryMinutes = z
  .number()
  .int()
  .min(5)
  .max(24 * 60)
  .optional()
  .describe('Ask the API this often for alerts the push missed. Absent: never.');

const awsAccount = z.string().regex(/^\d{12}$/, 'must be an AWS account number of 12 digits');
const awsRegion = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-central-1');

/** Queues other AWS services deliver to. The stack makes the queue; only these may send to it. */
const queueChannel = z.strictObject({
  senderArns: z
    .array(z.string().regex(/^arn:aws[\w-]*:(sns|iam|sts):/, 'must be the ARN of a topic or a role'))
    .min(1)
    .describe('SNS topics or IAM roles that may send to the queue.'),
});

/** Reading and answering use different credentials (rule 8). Absent: nothing is answered there. */
const writeSecretOf = (shape: string) =>
  secretName
    .optional()
    .describe(
      `JSON ${shape} of a role that may answer alerts; only what executes approved actions may read it. Absent: what would be answered is advice.`,
    );

const differing = {
  path: ['writeSecret'],
  message: 'must be another secret than readSecret: reading and answering use different credentials',
};
function differ({
  readSecret,
  writeSecret,
}: {
  readonly readSecret: string;
  readonly writeSecret?: string | undefined;
}) {
  return readSecret !== writeSecret;
}

const prismaCloudComputeSchema = z.strictObject({
  webhook,
  api: z
    .strictObject({
      baseUrl: serviceUrl,
      version: z
        .string()
        .regex(/^v\d+\.\d+$/)
        .default('v34.04'),
      readSecret: secretName.describe('JSON {"username","password"} of a read-only role.'),
      writeSecret: writeSecretOf('{"username","password"}'),
      project: z.string().optional(),
      /** The forensic paths exist only as unsupported /api/v1; switched on knowingly. */
      forensics: z.boolean().default(false),
    })
    .refine(differ, differing),
  reconcileEveryMinutes,
});

const prismaCloudSchema = z.strictObject({
  webhook,
  api: z
    .strictObject({
      baseUrl: serviceUrl.describe('API address of the tenant, e.g. https://api2.eu.prismacloud.io.'),
      readSecret: secretName.describe('JSON {"accessKeyId","secretKey"} of a read-only role.'),
      writeSecret: writeSecretOf('{"accessKeyId","secretKey"}'),
    })
    .refine(differ, differing),
  reconcileEveryMinutes,
});

const wizSchema = z.strictObject({
  webhook,
  queue: queueChannel.optional().describe('Wiz to SNS to our queue, the second channel.'),
  api: z
    .strictObject({
      endpoint: serviceUrl.describe('GraphQL address of the tenant, e.g. https://api.eu1.app.wiz.io/graphql.'),
      tokenUrl: serviceUrl.default('https://auth.app.wiz.io/oauth/token'),
      audience: z.string().default('wiz-api'),
      readSecret: secretName.describe('JSON {"clientId","clientSecret"} of a service account that may only read.'),
      writeSecret: writeSecretOf('{"clientId","clientSecret"}'),
    })
    .refine(differ, differing),
  reconcileEveryMinutes,
});

const laceworkSchema = z.strictObject({
  webhook: webhook.optional().describe('The secret is the last part of the address: /webhooks/lacework/SECRET.'),
  eventBus: z
    .strictObject({
      /** EventBridge `source` of the vendor's events, and the vendor's AWS account that must have sent them. */
      source: z.string().min(1),
      account: awsAccount,
    })
    .optional(),
  api: z
    .strictObject({
      baseUrl: serviceUrl.describe('https://ACCOUNT.lacework.net'),
      subAccount: z.string().optional(),
      readSecret: secretName.describe('JSON {"keyId","secret"} of an API key with read rights.'),
      writeSecret: writeSecretOf('{"keyId","secret"}'),
      /** Of the vendor's 480 calls an hour and functionality, how many are ours; others use the same key's account. */
      callsPerHour: z.number().int().min(10).max(480).default(400),
    })
    .refine(differ, differing),
  reconcileEveryMinutes,
});

const falcoSchema = z.strictObject({
  webhook: webhook.optional(),
  queue: queueChannel.optional().describe("Falcosidekick's SQS or SNS output."),
});

/** Events of AWS services in these accounts arrive at the default bus of the account and region of the stack. */
const awsEvents = z.strictObject({ accounts: z.array(awsAccount).min(1) });

const guardDutySchema = z.strictObject({
  events: awsEvents,
  api: z.strictObject({ region: awsRegion, endpoint: serviceUrl.optional() }).optional(),
  reconcileEveryMinutes,
});

const inspectorSchema = z.strictObject({
  events: awsEvents,
  api: z.strictObject({ region: awsRegion, endpoint: serviceUrl.optional() }).optional(),
  reconcileEveryMinutes,
});

const genericSchema = z.strictObject({
  webhook,
  mappingFile: z.string().min(1).describe('JSONata that turns a body into findings; read and checked by cdk synth.'),
  /** The file's text. Filled in by synth: a function has no access to the checkout. */
  mapping: z.string().min(1).optional(),
});

/** Each source by its name (domain/source.ts). */
export const sourcesSchema = z.strictObject({
  'prisma-cloud-compute': prismaCloudComputeSchema.optional(),
  'prisma-cloud': prismaCloudSchema.optional(),
  wiz: wizSchema.optional(),
  lacework: laceworkSchema.optional(),
  falco: falcoSchema.optional(),
  guardduty: guardDutySchema.optional(),
  inspector: inspectorSchema.optional(),
  generic: genericSchema.optional(),
});

export type SourcesConfiguration = z.infer<typeof sourcesSchema>;
export type WebhookConfiguration = z.infer<typeof webhook>;
