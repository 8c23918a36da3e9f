import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { render } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
/** The sample, but as a deployment that keeps its data. */
let kept: Template;
beforeAll(() => {
  template = synthesise();
  const sample = sampleConfiguration();
  kept = synthesise({
    configuration: {
      ...sample,
      deployment: { ...sample.deployment, retainData: true, logRetentionDays: 365, alarmTopicMail: 'soc@example.com' },
    },
  });
});

function all(type: string): [string, Record<string, unknown>][] {
  return Object.entries(template.findResources(type)).map(([id, { Properties }]) => [id, Properties]);
}
const idsOf = (type: string): string[] => Object.keys(template.findResources(type)).sort();
const arnOf = (value: unknown): string => render(value).replace(/\.Arn$/, '');

const ruleSchema = z.object({
  Targets: z.array(z.object({ Arn: z.unknown(), DeadLetterConfig: z.object({ Arn: z.unknown() }) })).min(1),
});
const scheduleSchema = z.object({
  Target: z.object({ Arn: z.unknown(), DeadLetterConfig: z.object({ Arn: z.unknown() }) }),
});
const destinationSchema = z.object({
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.unknown() }) }),
});

/** Queues in which something is found that could not be delivered or done. */
function deadLetterQueues(): string[] {
  const ofQueues = all('AWS::SQS::Queue').flatMap(([, { RedrivePolicy }]) => {
    const parsed = z.object({ deadLetterTargetArn: z.unknown() }).safeParse(RedrivePolicy);
    return parsed.success ? [parsed.data.deadLetterTargetArn] : [];
  });
  const ofRules = all('AWS::Events::Rule').flatMap(([, rule]) =>
    ruleSchema.parse(rule).Targets.map(({ DeadLetterConfig }) => DeadLetterConfig.Arn),
  );
  const ofSchedules = all('AWS::Scheduler::Schedule').map(
    ([, schedule]) => scheduleSchema.parse(schedule).Target.DeadLetterConfig.Arn,
  );
  const ofFunctions = [...all('AWS::Lambda::EventSourceMapping'), ...all('AWS::Lambda::EventInvokeConfig')].flatMap(
    ([, config]) => {
      const parsed = destinationSchema.safeParse(config);
      return parsed.success ? [parsed.data.DestinationConfig.OnFailure.Destination] : [];
    },
  );
  return [...new Set([...ofQueues, ...ofRules, ...ofSchedules, ...ofFunctions].map(arnOf))].sort();
}

describe('nothing is lost (rule 3)', () => {
  it('gives every queue that is worked on a dead-letter queue, after five attempts', () => {
    const worked = all('AWS::Lambda::EventSourceMapping')
      .map(([, { EventSourceArn }]) => arnOf(EventSourceArn))
      .filter((id) => idsOf('AWS::SQS::Queue').includes(id));
    expect(worked).toHaveLength(1);
    for (const id of worked) {
      const queue = template.findResources('AWS::SQS::Queue')[id];
      expect(queue?.['Properties'].RedrivePolicy).toMatchObject({ maxReceiveCount: 5 });
    }
  });

  it('leaves no queue that is neither worked on nor a dead-letter queue', () => {
    const worked = all('AWS::Lambda::EventSourceMapping').map(([, { EventSourceArn }]) => arnOf(EventSourceArn));
    const queues = idsOf('AWS::SQS::Queue');
    expect(queues.filter((id) => !worked.includes(id))).toEqual(deadLetterQueues());
  });

  it('gives every target of a rule or schedule, every stream and every asynchronous function a place for failures', () => {
    // The parsers above throw where a rule or schedule has none.
    expect(deadLetterQueues()).toHaveLength(5);
    const streams = all('AWS::Lambda::EventSourceMapping').filter(([, mapping]) =>
      render(mapping['EventSourceArn']).includes('Stream'),
    );
    expect(streams).toHaveLength(1);
    for (const [, mapping] of streams) expect(destinationSchema.safeParse(mapping).success).toBe(true);
    const scheduled = all('AWS::Scheduler::Schedule').map(([, one]) => arnOf(scheduleSchema.parse(one).Target.Arn));
    const guarded = all('AWS::Lambda::EventInvokeConfig')
      .filter(([, config]) => destinationSchema.safeParse(config).success)
      .map(([, { FunctionName }]) => arnOf(FunctionName));
    expect(guarded).toEqual(scheduled);
  });

  it('rings when anything lies in a dead-letter queue', () => {
    const rung = all('AWS::CloudWatch::Alarm')
      .filter(
        ([, { MetricName, Threshold, ComparisonOperator }]) =>
          [MetricName, Threshold, ComparisonOperator].join() ===
          'ApproximateNumberOfMessagesVisible,0,GreaterThanThreshold',
      )
      .map(([, { Dimensions }]) =>
        z
          .array(z.object({ Value: z.unknown() }))
          .parse(Dimensions)
          .map(({ Value }) => render(Value).replace(/\.QueueName$/, ''))
          .join(),
      )
      .sort();
    expect(rung).toEqual(deadLetterQueues());
  });

  it('rings when a function, an incident run or the bus fails, and when an alert is quarantined', () => {
    const alarms = all('AWS::CloudWatch::Alarm').map(([, { AlarmName }]) => String(AlarmName));
    const functions = all('AWS::Lambda::Function').map(([, { FunctionName }]) =>
      String(FunctionName).replace('parapet-', 'parapet-errors-'),
    );
    expect(alarms).toEqual(
      expect.arrayContaining([
        ...functions,
        'parapet-incidents-failed',
        'parapet-incidents-timed-out',
        'parapet-bus-alert-received',
        'parapet-bus-incident-opened',
        'parapet-quarantined-prisma-cloud-compute',
      ]),
    );
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Parapet',
      MetricName: 'AlertQuarantined',
      Dimensions: [
        { Name: 'service', Value: 'normalize' },
        { Name: 'source', Value: 'prisma-cloud-compute' },
      ],
    });
  });

  it('tells a person by mail where one is named, and has no topic where none is', () => {
    template.resourceCountIs('AWS::SNS::Topic', 0);
    kept.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'soc@example.com' });
    const silent = Object.values(kept.findResources('AWS::CloudWatch::Alarm')).filter(
      ({ Properties }) => !Properties.AlarmActions,
    );
    expect(silent).toEqual([]);
  });

  it('lets one bad message of a batch go back alone, and at most ten batches run at once', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  it('hides a message six times as long as normalize may run - else a batch in work is delivered a second time', () => {
    const normalize = all('AWS::Lambda::Function').find(([, { FunctionName }]) => FunctionName === 'parapet-normalize');
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * Number(normalize?.[1]['Timeout']),
      RedrivePolicy: Match.anyValue(),
    });
  });

  it('delivers only decisions nobody was told of, and repeats until they are', () => {
    const stream = all('AWS::Lambda::EventSourceMapping').find(([, mapping]) =>
      render(mapping['EventSourceArn']).includes('Stream'),
    );
    const filters = z
      .object({ FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }) })
      .parse(stream?.[1]);
    expect(filters.FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      {
        eventName: ['INSERT', 'MODIFY'],
        dynamodb: {
          NewImage: {
            id: { S: [{ prefix: 'APPROVAL#' }] },
            status: { S: ['APPROVED', 'REJECTED'] },
            delivery: { S: ['waiting'] },
          },
        },
      },
    ]);
    expect(stream?.[1]).toMatchObject({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 20,
      StartingPosition: 'TRIM_HORIZON',
    });
  });
});

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
      Approvals: ['id', 'incident: incidentId/createdAt ALL', 'listing: listing/createdAt ALL'],
      Audit: ['chain/sequence'],
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
    template.resourceCountIs('AWS::Lambda::Function', 19);
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
      'parapet-roll-back': 5,
      'parapet-anchor-audit': 1,
    });
  });
});
