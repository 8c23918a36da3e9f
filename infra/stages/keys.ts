import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * One symmetric key for everything at rest (a key per resource makes up most of a small bill) and one asymmetric key that
 * signs the anchors of the audit log. Roles get the shared key by their own policies, services by the statements here.
 */
export class Keys extends Construct {
  readonly shared: Key;
  readonly anchorSigning: Key;

  constructor(scope: Construct, id: string, props: { readonly name: string; readonly retain: boolean }) {
    super(scope, id);
    const removalPolicy = props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.shared = new Key(this, 'Shared', {
      alias: props.name,
      description: 'Parapet: tables, buckets, queues, secrets and logs',
      enableKeyRotation: true,
      removalPolicy,
    });
    for (const statement of serviceStatements(Stack.of(this))) this.shared.addToResourcePolicy(statement);
    this.anchorSigning = new Key(this, 'AnchorSigning', {
      alias: `${props.name}-anchors`,
      description: 'Parapet: signs the anchors of the audit log',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy,
    });
  }
}

/** In a key policy `*` means this key. Each service is held to this account, so that it cannot be used as a deputy by another one. */
function serviceStatements({ account, region, partition }: Stack): PolicyStatement[] {
  const fromHere = { StringEquals: { 'aws:SourceAccount': account } };
  const sending = ['kms:Decrypt', 'kms:GenerateDataKey'];
  return [
    new PolicyStatement({
      sid: 'EventsToEncryptedQueues',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: sending,
      resources: ['*'],
      conditions: fromHere,
    }),
    new PolicyStatement({
      sid: 'AlarmsToEncryptedTopic',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: sending,
      resources: ['*'],
      conditions: fromHere,
    }),
    new PolicyStatement({
      sid: 'EncryptedLogGroups',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:DescribeKey',
      ],
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  ];
}
