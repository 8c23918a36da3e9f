import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { ClientSettings } from '../../cli/client-settings.ts';
import { readSecretOf, writeSecretOf } from '../../domain/config/channels.ts';
import { KEYED_INTEL } from '../../domain/config/intelligence.ts';
import { modelSecretsOf } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { ANSWERABLE_VENDORS } from '../../domain/evidence/vendor-record.ts';
import { SOURCES } from '../../domain/source.ts';
import type { SandboxCredentials } from '../sandbox/start.ts';
import { WRITERS } from '../sandbox/writers.ts';

/**
 * Does by hand what a person does after a deployment (docs/operating.md): fills the entries of the outside systems with
 * the sandbox's invented credentials and makes the sender's address known. The stack made its own secrets itself.
 */
export async function fillSecrets(
  configuration: Configuration,
  credentials: SandboxCredentials,
  settings: ClientSettings,
): Promise<void> {
  const secrets = new SecretsManagerClient(settings);
  await Promise.all(
    [...secretValues(configuration, credentials)].map(([name, value]) =>
      secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) })),
    ),
  );
  const { mail } = configuration.destinations;
  if (mail) await new SESv2Client(settings).send(new CreateEmailIdentityCommand({ EmailIdentity: mail.from }));
}

function secretValues(configuration: Configuration, credentials: SandboxCredentials): ReadonlyMap<string, object> {
  const { ticket, chat, teams } = configuration.destinations;
  const { caPem } = credentials.kubernetes;
  const values = new Map<string, object>();
  const vendors: Readonly<Record<string, object>> = {
    'prisma-cloud-compute': credentials.compute,
    ...credentials.vendors,
  };
  for (const source of SOURCES) {
    const [name, value] = [readSecretOf(configuration.sources, source), vendors[source]];
    if (name !== undefined && value !== undefined) values.set(name, value);
  }
  for (const [name, value] of answering(configuration)) values.set(name, value);
  for (const { readSecret, writeSecret, rightsSecret } of configuration.clusters) {
    values.set(readSecret, { token: credentials.kubernetes.readToken, caPem });
    values.set(writeSecret, { token: credentials.kubernetes.writeToken, caPem });
    if (rightsSecret !== undefined) values.set(rightsSecret, { token: credentials.kubernetes.rightsToken, caPem });
  }
  for (const [name, value] of externalIds(configuration, credentials)) values.set(name, value);
  for (const name of KEYED_INTEL) {
    const secret = configuration.intelligence?.[name]?.secret;
    if (secret !== undefined) values.set(secret, { apiKey: credentials.intel[name] });
  }
  for (const name of modelSecretsOf(configuration.models)) values.set(name, credentials.model);
  if (ticket) values.set(ticket.secret, credentials.jira);
  if (chat) values.set(chat.secret, credentials.slack);
  if (chat?.signingSecret) values.set(chat.signingSecret, credentials.slackSigning);
  if (teams) values.set(teams.secret, credentials.teams);
  return values;
}

/** What may answer alerts at the vendors. */
function answering({ sources }: Configuration): readonly (readonly [string, object])[] {
  return ANSWERABLE_VENDORS.flatMap((vendor) => {
    const name = writeSecretOf(sources, vendor);
    return name === undefined ? [] : [[name, WRITERS[vendor]] as const];
  });
}

/** The administrator of the account and Parapet's operator agree on it. */
function externalIds(
  { accounts }: Configuration,
  { awsExternalId: externalId }: SandboxCredentials,
): readonly (readonly [string, object])[] {
  if (externalId === undefined) return [];
  return accounts.flatMap(({ externalIdSecret }) =>
    externalIdSecret === undefined ? [] : [[externalIdSecret, { externalId }] as const],
  );
}
