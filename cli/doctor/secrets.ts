import * as z from 'zod';
import { slackSecretSchema } from '../../connectors/chat/slack/schema.ts';
import { signingSecretSchema } from '../../connectors/chat/slack/signature.ts';
import { teamsSecretSchema } from '../../connectors/chat/teams/schema.ts';
import { apiKeySchema } from '../../connectors/intel/http.ts';
import { linkSecretSchema } from '../../connectors/links/approval-links.ts';
import { clientSecretSchema } from '../../connectors/sign-in/schema.ts';
import { externalIdSchema } from '../../connectors/targets/aws/session.ts';
import { clusterSecretSchema, eksSecretSchema } from '../../connectors/targets/kubernetes/client.ts';
import { jiraSecretSchema } from '../../connectors/ticketing/jira/schema.ts';
import { issuedSecretsOf, readSecretOf, webhookOf, writeSecretOf } from '../../domain/config/channels.ts';
import { KEYED_INTEL } from '../../domain/config/intelligence.ts';
import { modelSecretsOf } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { ANSWERABLE_VENDORS } from '../../domain/evidence/vendor-record.ts';
import { USUAL_SCHEMES, type WebhookScheme, webhookSecretSchema } from '../../domain/intake/webhook-secret.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import type { Health } from '../health.ts';
import { type Check, check, NotSoError } from './check.ts';

/** A secret the configuration names: what it is for, and the fields its user needs. */
export interface NamedSecret {
  readonly name: string;
  readonly use: string;
  readonly schema: z.ZodType;
  readonly shape: string;
}

const filled = z.string().min(1);
const accessSchema = z.object({ accessKeyId: filled, secretKey: filled });
const clientSchema = z.object({ clientId: filled, clientSecret: filled });

/** What a source's API takes, to read as to answer; AWS services are read with the functions' own roles. */
const API_SECRETS: Readonly<Partial<Record<Source, { readonly schema: z.ZodType; readonly shape: string }>>> = {
  'prisma-cloud-compute': {
    schema: z.object({ username: filled, password: filled }),
    shape: '{"username","password"}',
  },
  'prisma-cloud': { schema: accessSchema, shape: '{"accessKeyId","secretKey"}' },
  wiz: { schema: clientSchema, shape: '{"clientId","clientSecret"}' },
  lacework: { schema: z.object({ keyId: filled, secret: filled }), shape: '{"keyId","secret"}' },
};

/** One line of what a webhook secret looks like, by its form. */
const WEBHOOK_SHAPES: Readonly<Record<WebhookScheme, string>> = {
  basic: '{"username","current"}',
  bearer: '{"scheme":"bearer","current"}',
  header: '{"scheme":"header","header","current"}',
  path: '{"scheme":"path","current"} with 16 letters or more',
};

/** What a cluster's entry holds; tokens for EKS are made when they are needed. */
function shapeOf(eks: unknown): [schema: z.ZodType, fields: string] {
  return eks === undefined ? [clusterSecretSchema, '{"token","caPem"}'] : [eksSecretSchema, '{"caPem"}'];
}

export function namedSecrets(config: Configuration): readonly NamedSecret[] {
  const { ticket, chat, teams } = config.destinations;
  return [
    ...SOURCES.flatMap((source) => secretsOfSource(config, source)),
    ...config.clusters.flatMap(({ name, eks, readSecret, writeSecret, rightsSecret }) => [
      secret(readSecret, `reading cluster ${name}`, ...shapeOf(eks)),
      secret(writeSecret, `containing in cluster ${name}`, ...shapeOf(eks)),
      ...(rightsSecret === undefined
        ? []
        : [
            secret(
              rightsSecret,
              `asking cluster ${name} what approvers may do`,
              clusterSecretSchema,
              '{"token","caPem"}',
            ),
          ]),
    ]),
    ...config.accounts.flatMap(({ id, externalIdSecret }) =>
      externalIdSecret === undefined
        ? []
        : [secret(externalIdSecret, `assuming roles in AWS account ${id}`, externalIdSchema, '{"externalId"}')],
    ),
    secret(
      config.approvals.linkSecret,
      'signing approval links',
      linkSecretSchema,
      '{"current"} of 32 characters or more',
    ),
    ...(config.approvals.signIn?.clientSecret === undefined
      ? []
      : [secret(config.approvals.signIn.clientSecret, 'signing approvers in', clientSecretSchema, '{"clientSecret"}')]),
    ...KEYED_INTEL.flatMap((name) => {
      const named = config.intelligence?.[name]?.secret;
      return named === undefined ? [] : [secret(named, `asking ${name}`, apiKeySchema, '{"apiKey"}')];
    }),
    ...modelSecretsOf(config.models).map((name) => secret(name, 'asking a model', apiKeySchema, '{"apiKey"}')),
    ...(ticket ? [secret(ticket.secret, 'tickets in Jira', jiraSecretSchema, '{"email","apiToken"}')] : []),
    ...(chat ? [secret(chat.secret, 'messages in Slack', slackSecretSchema, '{"botToken"}')] : []),
    ...(chat?.signingSecret
      ? [
          secret(
            chat.signingSecret,
            'clicks in Slack',
            signingSecretSchema,
            '{"current"}, the signing secret of the app',
          ),
        ]
      : []),
    ...(teams ? [secret(teams.secret, 'cards in Teams', teamsSecretSchema, '{"url"} of a Workflows webhook')] : []),
  ];
}

function secretsOfSource({ sources }: Configuration, source: Source): readonly NamedSecret[] {
  const webhook = webhookOf(sources, source);
  const readSecret = readSecretOf(sources, source);
  const shaped = API_SECRETS[source];
  const vendor = ANSWERABLE_VENDORS.find((name) => name === source);
  const writeSecret = vendor && writeSecretOf(sources, vendor);
  return [
    ...(webhook
      ? [
          secret(
            webhook.secret,
            `webhook credential of ${source}`,
            webhookSecretSchema,
            WEBHOOK_SHAPES[USUAL_SCHEMES[source]],
          ),
        ]
      : []),
    ...(readSecret !== undefined && shaped
      ? [secret(readSecret, `reading the API of ${source}`, shaped.schema, shaped.shape)]
      : []),
    ...(writeSecret !== undefined && shaped
      ? [secret(writeSecret, `answering alerts of ${source}`, shaped.schema, shaped.shape)]
      : []),
  ];
}

function secret(name: string, use: string, schema: z.ZodType, shape: string): NamedSecret {
  return { name, use, schema, shape };
}

export async function checkSecrets(config: Configuration, health: Pick<Health, 'secret'>): Promise<readonly Check[]> {
  const issued = issuedSecretsOf(config);
  // What lies in Vault may be read by the functions' roles only, not by whoever runs this command.
  const here = namedSecrets(config).filter(({ name }) => config.secretStore === undefined || issued.includes(name));
  return await Promise.all(here.map((named) => checkSecret(named, health)));
}

async function checkSecret(named: NamedSecret, health: Pick<Health, 'secret'>): Promise<Check> {
  return await check(
    `secret ${named.name}`,
    `aws secretsmanager put-secret-value --secret-id ${named.name} --secret-string '${named.shape}' with the real values`,
    async () => {
      const value = parse(await health.secret(named.name));
      if (hasPlaceholder(value)) throw new NotSoError(`is still the placeholder it was created with (${named.use})`);
      if (!named.schema.safeParse(value).success)
        throw new NotSoError(`has not the fields ${named.shape} (${named.use})`);
      return `is filled (${named.use})`;
    },
    (error) => describeRefusal(error, named.use),
  );
}

/** Why a secret cannot be used; an SDK message is safe to show, a parser's is not (it quotes the text). */
function describeRefusal(error: unknown, use: string): string {
  if (error instanceof NotSoError) return error.message;
  if (error instanceof Error && error.name === 'ResourceNotFoundException') return `does not exist (${use})`;
  if (error instanceof Error && /AccessDenied/.test(error.name)) return `may not be read by you (${use})`;
  return `cannot be read: ${error instanceof Error ? error.name : 'unknown reason'} (${use})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A JSON error quotes the text it failed on, so it is not passed on.
    throw new NotSoError('is not a JSON object');
  }
}

const PLACEHOLDER = /placeholder|replace[-_ ]?me|change[-_ ]?me|to[-_ ]be[-_ ]filled|^<.*>$/i;

/** The stack creates entries with a marked value; people also leave such marks. */
export function hasPlaceholder(value: unknown): boolean {
  if (typeof value === 'string') return PLACEHOLDER.test(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, member]) => key === 'placeholder' || hasPlaceholder(member));
}
