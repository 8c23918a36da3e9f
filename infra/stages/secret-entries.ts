import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Access } from '../permissions/access.ts';
import { accept } from '../permissions/nag.ts';

/** Every secret the configuration names. Values: ours are generated; those of other systems start as a marker that says so. */
export class SecretEntries extends Construct {
  readonly #byName = new Map<string, Secret>();

  constructor(
    scope: Construct,
    id: string,
    props: { readonly configuration: Configuration; readonly key: IKey; readonly retain: boolean },
  ) {
    super(scope, id);
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
    const secrets = names.map((name) => this.#find(name));
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

type InitialValue = Pick<SecretProps, 'generateSecretString' | 'secretStringValue' | 'description'>;

/** By name, each once: two sources may share a credential. */
function initialValues(configuration: Configuration): ReadonlyMap<string, InitialValue> {
  const { sources, clusters, approvals, destinations } = configuration;
  const compute = sources['prisma-cloud-compute'];
  const values = new Map<string, InitialValue>();
  const outside = (name: string | undefined, description: string) => {
    // Not a credential: `parapet doctor` finds the marker and says which secret is still to be filled in.
    if (name !== undefined) {
      values.set(name, { description, secretStringValue: SecretValue.unsafePlainText('{"placeholder":"true"}') });
    }
  };
  outside(compute?.api.readSecret, 'Prisma Cloud Compute, read-only role: {"username","password"}');
  for (const { name, readSecret, writeSecret } of clusters) {
    outside(readSecret, `Kubernetes ${name}, service account that may only read: {"token","caPem"}`);
    outside(writeSecret, `Kubernetes ${name}, service account that may contain: {"token","caPem"}`);
  }
  outside(destinations.ticket?.secret, 'Jira integration user: {"email","apiToken"}');
  outside(destinations.chat?.secret, 'Slack bot: {"botToken"}');
  if (compute) {
    values.set(compute.webhook.secret, {
      description: 'Basic credential of the alert profile at Prisma Cloud Compute: {"username","current","previous"?}',
      generateSecretString: generated({ username: 'parapet' }),
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
