import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { readSecretOf, webhooksOf, writeSecretOf } from '../../domain/config/channels.ts';
import { KEYED_INTEL } from '../../domain/config/intelligence.ts';
import { modelSecretsOf } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { ANSWERABLE_VENDORS, type AnswerableVendor } from '../../domain/evidence/vendor-record.ts';
import { USUAL_HEADER, USUAL_SCHEMES, USUAL_USERNAME, type WebhookScheme } from '../../domain/intake/webhook-secret.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import type { Access } from '../permissions/access.ts';
import { accept } from '../permissions/nag.ts';

/** Every secret the configuration names. Values: ours are generated; those of other systems start as a marker that says so. */
export class SecretEntries extends Construct {
  readonly #byName = new Map<string, Secret>();
  /** Secrets of other systems lie in Vault then; only those the stack issues itself have an entry. */
  readonly #elsewhere: boolean;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly configuration: Configuration; readonly key: IKey; readonly retain: boolean },
  ) {
    super(scope, id);
    this.#elsewhere = props.configuration.secretStore !== undefined;
    for (const [secretName, value] of initialValues(props.configuration)) {
      const secret = new Secret(this, secretName.replaceAll('/', '-'), {
        secretName,
        ...value,
        encryptionKey: props.key,
        removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      });
      accept(secret, {
        SMG4: 'the value must be changed at the other system too: see docs, the readers accept a current and a previous value where we issue it',
      });
      this.#byName.set(secretName, secret);
    }
  }

  /** Reading exactly these secrets. */
  read(names: readonly string[]): Access {
    const here = this.#elsewhere ? names.filter((name) => this.#byName.has(name)) : names;
    const secrets = here.map((name) => this.#find(name));
    if (secrets.length === 0) return { statements: [] };
    return {
      statements: [
        new PolicyStatement({
          sid: 'ReadSecrets',
          actions: ['secretsmanager:GetSecretValue'],
          resources: secrets.map(({ secretArn }) => secretArn),
        }),
      ],
      key: { via: 'secretsmanager', write: false },
    };
  }

  #find(name: string): Secret {
    const secret = this.#byName.get(name);
    if (!secret) throw new Error(`the configuration names no secret ${name}`);
    return secret;
  }
}

/** What a person must fill in, by source. */
const READ_SECRETS: Readonly<Record<Source, string>> = {
  'prisma-cloud-compute': 'Prisma Cloud Compute, read-only role: {"username","password"}',
  'prisma-cloud': 'Prisma Cloud, read-only role: {"accessKeyId","secretKey"}',
  wiz: 'Wiz service account that may only read: {"clientId","clientSecret"}',
  lacework: 'Lacework API key with read rights: {"keyId","secret"}',
  falco: '',
  guardduty: '',
  inspector: '',
  generic: '',
};

const WRITE_SECRETS: Readonly<Record<AnswerableVendor, string>> = {
  'prisma-cloud-compute': 'Prisma Cloud Compute, role that may acknowledge incidents: {"username","password"}',
  'prisma-cloud': 'Prisma Cloud, role that may dismiss alerts: {"accessKeyId","secretKey"}',
  wiz: 'Wiz service account that may change issues: {"clientId","clientSecret"}',
  lacework: 'Lacework API key that may comment and close alerts: {"keyId","secret"}',
};

/**
 * What a generated webhook secret begins with. `basic` names no scheme: another template would make CloudFormation generate a new
 * password for deployments that have one, and their senders would be refused.
 */
const WEBHOOK_TEMPLATES: Readonly<Record<WebhookScheme, Readonly<Record<string, string>>>> = {
  basic: { username: USUAL_USERNAME },
  bearer: { scheme: 'bearer' },
  header: { scheme: 'header', header: USUAL_HEADER },
  path: { scheme: 'path' },
};

type InitialValue = Pick<SecretProps, 'generateSecretString' | 'secretStringValue' | 'description'>;

/** By name, each once: two sources may share a credential. */
function initialValues(configuration: Configuration): ReadonlyMap<string, InitialValue> {
  const { sources, clusters, approvals, destinations } = configuration;
  const values = new Map<string, InitialValue>();
  const outside = (name: string | undefined, description: string) => {
    // Not a credential: `parapet doctor` finds the marker and says which secret is still to be filled in.
    if (name !== undefined && configuration.secretStore === undefined) {
      values.set(name, { description, secretStringValue: SecretValue.unsafePlainText('{"placeholder":"true"}') });
    }
  };
  for (const source of SOURCES) outside(readSecretOf(sources, source), READ_SECRETS[source]);
  for (const vendor of ANSWERABLE_VENDORS) outside(writeSecretOf(sources, vendor), WRITE_SECRETS[vendor]);
  for (const { name, readSecret, writeSecret, rightsSecret } of clusters) {
    outside(readSecret, `Kubernetes ${name}, service account that may only read: {"token","caPem"}`);
    outside(writeSecret, `Kubernetes ${name}, service account that may contain: {"token","caPem"}`);
    outside(
      rightsSecret,
      `Kubernetes ${name}, service account that may only ask what others may do: {"token","caPem"}`,
    );
  }
  for (const { id, externalIdSecret } of configuration.accounts)
    outside(externalIdSecret, `AWS account ${id}, what its roles ask for: {"externalId"}`);
  for (const name of KEYED_INTEL) outside(configuration.intelligence?.[name]?.secret, `Key of ${name}: {"apiKey"}`);
  for (const name of modelSecretsOf(configuration.models)) outside(name, 'Key of a model: {"apiKey"}');
  outside(approvals.signIn?.clientSecret, 'Client of the identity provider: {"clientSecret"}');
  outside(destinations.ticket?.secret, 'Jira integration user: {"email","apiToken"}');
  outside(destinations.chat?.secret, 'Slack bot: {"botToken"}');
  outside(destinations.chat?.signingSecret, 'Signing secret of the Slack app: {"current","previous"?}');
  outside(destinations.teams?.secret, 'Workflows webhook of Teams: {"url"}');
  for (const { source, webhook } of webhooksOf(sources)) {
    values.set(webhook.secret, {
      description: `What ${source} sends with each alert; forms and rotation: docs/operating.md`,
      generateSecretString: generated(WEBHOOK_TEMPLATES[USUAL_SCHEMES[source]]),
    });
  }
  values.set(approvals.linkSecret, {
    description: 'Signs approval links: {"current","previous"?}',
    generateSecretString: generated({}),
  });
  return values;
}

function generated(fixed: Readonly<Record<string, string>>): NonNullable<InitialValue['generateSecretString']> {
  return {
    secretStringTemplate: JSON.stringify(fixed),
    generateStringKey: 'current',
    // Letters and digits only: the webhook password is typed into another product's form.
    excludePunctuation: true,
    passwordLength: 48,
  };
}
