import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { render } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
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
    expect(worked).toHaveLength(2);
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
    expect(deadLetterQueues()).toHaveLength(12);
    const streams = all('AWS::Lambda::EventSourceMapping').filter(([, mapping]) =>
      render(mapping['EventSourceArn']).includes('Stream'),
    );
    expect(streams).toHaveLength(1);
    for (const [, mapping] of streams) expect(destinationSchema.safeParse(mapping).success).toBe(true);
    const scheduled = all('AWS::Scheduler::Schedule').map(([, one]) => arnOf(scheduleSchema.parse(one).Target.Arn));
    const guarded = all('AWS::Lambda::EventInvokeConfig')
      .filter(([, config]) => destinationSchema.safeParse(config).success)
      .map(([, { FunctionName }]) => arnOf(FunctionName));
    const told = all('AWS::Events::Rule').flatMap(([, rule]) =>
      ruleSchema.parse(rule).Targets.map(({ Arn }) => arnOf(Arn)),
    );
    // A workflow is no asynchronous call: a run that fails has an alarm of its own.
    const functions = idsOf('AWS::Lambda::Function');
    expect(guarded.sort()).toEqual([...scheduled, ...told].filter((id) => functions.includes(id)).sort());
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
        'parapet-bus-containment-drifted',
        'parapet-containment-drifted',
        'parapet-containment-unwatched',
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
    const sample = sampleConfiguration();
    const deployment = { ...sample.deployment, alarmTopicMail: 'soc@example.com' };
    const loud = synthesise({ configuration: { ...sample, deployment } });
    loud.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'soc@example.com' });
    const silent = Object.values(loud.findResources('AWS::CloudWatch::Alarm')).filter(
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
