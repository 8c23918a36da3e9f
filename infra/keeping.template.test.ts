import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { FUNCTION_NAMES } from './functions/names.ts';
import { render } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
/** The sample, but as a deployment that keeps its data. */
let kept: Template;
beforeAll(() => {
  template = synthesise();
  const sample = sampleConfiguration();
  const deployment = { ...sample.deployment, retainData: true, logRetentionDays: 365 } as const;
  kept = synthesise({ configuration: { ...sample, deployment } });
});

function all(type: string): [string, Record<string, unknown>][] {
  return Object.entries(template.findResources(type)).map(([id, { Properties }]) => [id, Properties]);
}
const idsOf = (type: string): string[] => Object.keys(template.findResources(type)).sort();
const arnOf = (value: unknown): string => render(value).replace(/\.Arn$/, '');

describe('what is kept', () => {
  it('is encrypted with the one shared key - a key per resource is most of a small bill', () => {
    const shared = idsOf('AWS::KMS::Key').filter((id) => id.startsWith('KeysShared'));
    expect(idsOf('AWS::KMS::Key')).toHaveLength(2);
    const keys = [
      ...all('AWS::SQS::Queue').map(([, { KmsMasterKeyId }]) => KmsMasterKeyId),
      ...all('AWS::SecretsManager::Secret').map(([, { KmsKeyId }]) => KmsKeyId),
      ...all('AWS::Logs::LogGroup').map(([, { KmsKeyId }]) => KmsKeyId),
    ].map(arnOf);
    expect([...new Set(keys)]).toEqual(shared);
    template.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [Match.objectLike({ SSESpecification: { KMSMasterKeyId: { 'Fn::GetAtt': [shared[0], 'Arn'] } } })],
    });
    const buckets = all('AWS::S3::Bucket').filter(([id]) => !id.startsWith('StoresAccessLogs'));
    expect(
      buckets.map(([, bucket]) =>
        arnOf(
          JSON.parse(JSON.stringify(bucket)).BucketEncryption.ServerSideEncryptionConfiguration[0]
            .ServerSideEncryptionByDefault.KMSMasterKeyID,
        ),
      ),
    ).toEqual([shared[0], shared[0]]);
  });

  it('can be put back to any second, and is paid by use', () => {
    template.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
    });
  });

  it('has the keys and indexes the stores read by (connectors/store/tables.ts)', () => {
    const shapes = all('AWS::DynamoDB::GlobalTable').map(([id, table]) => {
      const { KeySchema, GlobalSecondaryIndexes } = z
        .object({
          KeySchema: z.array(z.object({ AttributeName: z.string() })),
          GlobalSecondaryIndexes: z
            .array(
              z.object({
                IndexName: z.string(),
                KeySchema: z.array(z.object({ AttributeName: z.string() })),
                Projection: z.object({ ProjectionType: z.string() }),
              }),
            )
            .default([]),
        })
        .parse(table);
      const names = (schema: readonly { AttributeName: string }[]) =>
        schema.map(({ AttributeName }) => AttributeName).join('/');
      const indexes = GlobalSecondaryIndexes.map(
        (one) => `${one.IndexName}: ${names(one.KeySchema)} ${one.Projection.ProjectionType}`,
      );
      return [id.replace(/^Stores(\D+?)[0-9A-F]{8}$/, '$1'), [names(KeySchema), ...indexes]];
    });
    expect(Object.fromEntries(shapes)).toEqual({
      Incidents: ['pk/sk', 'listing: listing/listedAt ALL', 'workload: workloadKey/openedAt ALL'],
      Deduplication: ['key'],
      Approvals: ['id', 'incident: incidentId/createdAt ALL', 'listing: listing/createdAt ALL', 'due: due/dueAt ALL'],
      Audit: ['chain/sequence', 'recent: writtenIn/chain KEYS_ONLY'],
    });
  });

  it('stays when the stack is deleted, unless the configuration says that it is a trial', () => {
    const policies = (which: Template) =>
      [
        'AWS::DynamoDB::GlobalTable',
        'AWS::S3::Bucket',
        'AWS::KMS::Key',
        'AWS::SecretsManager::Secret',
        'AWS::SQS::Queue',
      ].map((type) => [
        ...new Set(Object.values(which.findResources(type)).map(({ DeletionPolicy }) => DeletionPolicy)),
      ]);
    expect(policies(kept)).toEqual([['Retain'], ['Retain'], ['Retain'], ['Retain'], ['Retain']]);
    expect(policies(template)).toEqual([['Delete'], ['Delete'], ['Delete'], ['Delete'], ['Delete']]);
    kept.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: true })],
    });
  });

  it('has anchors under Object Lock - in compliance mode, where data is to be kept, not even the root user can delete them', () => {
    const lock = (Mode: string) => ({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode, Days: 400 } } },
    });
    kept.hasResourceProperties('AWS::S3::Bucket', lock('COMPLIANCE'));
    template.hasResourceProperties('AWS::S3::Bucket', lock('GOVERNANCE'));
  });

  it('is never public, and only reached over TLS', () => {
    template.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    for (const type of ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy']) {
      template.allResourcesProperties(type, {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          ]),
        },
      });
    }
    expect(idsOf('AWS::S3::BucketPolicy')).toHaveLength(idsOf('AWS::S3::Bucket').length);
    expect(idsOf('AWS::SQS::QueuePolicy')).toHaveLength(idsOf('AWS::SQS::Queue').length);
  });

  it('has every log ended by the retention of the configuration', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 14 });
    kept.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
    const groups = idsOf('AWS::Logs::LogGroup');
    const used = all('AWS::Lambda::Function').map(([, one]) =>
      render(JSON.parse(JSON.stringify(one)).LoggingConfig.LogGroup),
    );
    expect(groups).toEqual(expect.arrayContaining(used));
    expect(new Set(used).size).toBe(used.length);
  });
});

describe('functions', () => {
  it('run on Node 24 and arm64, traced', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
    });
    template.resourceCountIs('AWS::Lambda::Function', FUNCTION_NAMES.length);
  });

  it('reserve concurrency only where the flag says the account has it to give', () => {
    const reserved = (which: Template) =>
      Object.values(which.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
        Properties.ReservedConcurrentExecutions === undefined
          ? []
          : [[Properties.FunctionName, Properties.ReservedConcurrentExecutions]],
      );
    expect(reserved(template)).toEqual([]);
    expect(Object.fromEntries(reserved(synthesise({ context: { reservedConcurrency: 'true' } })))).toEqual({
      'parapet-execute': 5,
      'parapet-ask': 5,
      'parapet-chase-approvals': 1,
      'parapet-roll-back': 5,
      'parapet-anchor-audit': 1,
      'parapet-announce-waiting': 1,
      'parapet-post-digest': 1,
      'parapet-watch': 1,
    });
  });
});
