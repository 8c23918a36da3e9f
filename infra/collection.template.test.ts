import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { everySource } from './testing/all-sources.ts';
import { render, statementsByVerb } from './testing/permissions.ts';
import { synthesise } from './testing/synthesise.ts';

let template: Template;
let large: Template;
beforeAll(() => {
  template = synthesise();
  large = synthesise({ configuration: everySource() });
});

const idsOf = (which: Template, type: string, path: RegExp) =>
  Object.keys(which.findResources(type)).filter((id) => path.test(id));
const arnOf = (value: unknown): string => render(value).replace(/\.Arn$/, '');
const WORKED = /^Collection(Queue|Wiz|Falco)(?!.*Policy)/;

describe('alerts that come over the default bus', () => {
  it('are matched by source, kind and the configured accounts, each source by a rule of its own', () => {
    const rules = Object.entries(large.findResources('AWS::Events::Rule')).filter(([id]) =>
      /^CollectionEvents/.test(id),
    );
    const patterns = rules.map(([, { Properties }]) => Properties.EventPattern);
    expect(patterns).toEqual(
      expect.arrayContaining([
        {
          source: ['aws.guardduty'],
          'detail-type': ['GuardDuty Finding'],
          account: ['111122223333', '444455556666'],
        },
        { source: ['aws.inspector2'], 'detail-type': ['Inspector2 Finding'], account: ['111122223333'] },
        { source: ['EXAMPLE_0123456789ABCDEF'], 'detail-type': ['LaceworkEvents'], account: ['434813966438'] },
      ]),
    );
    expect(patterns).toHaveLength(3);
    for (const [, { Properties }] of rules) {
      // No bus is the default bus.
      expect(Properties).not.toHaveProperty('EventBusName');
      expect(Properties.Targets).toMatchObject([
        {
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^CollectionQueue/), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^CollectionUndelivered/), 'Arn'] } },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ]);
    }
  });

  it('ring when the bus could not hand them over', () => {
    for (const source of ['guardduty', 'inspector', 'lacework']) {
      large.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `parapet-bus-events-${source}`,
        Namespace: 'AWS/Events',
        Dimensions: [{ Name: 'RuleName', Value: { Ref: Match.stringLikeRegexp('^CollectionEvents') } }],
      });
    }
  });

  it('have no rule where no such source is configured', () => {
    expect(idsOf(template, 'AWS::Events::Rule', /^CollectionEvents/)).toEqual([]);
  });
});

describe('the queues alerts are collected from', () => {
  it('are one for the events, and one for each source that sends to a queue', () => {
    const queues = (which: Template) =>
      idsOf(which, 'AWS::SQS::Queue', WORKED).map((id) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(queues(template)).toEqual(['CollectionQueue']);
    expect(queues(large).sort()).toEqual(['CollectionFalco', 'CollectionQueue', 'CollectionWiz']);
  });

  it('take messages from exactly the configured senders, a topic only for itself', () => {
    const allowed = Object.values(large.findResources('AWS::SQS::QueuePolicy'))
      .filter(({ Properties }) => /^Collection(Wiz|Falco)/.test(Properties.Queues[0].Ref))
      .flatMap(({ Properties }) =>
        Properties.PolicyDocument.Statement.filter((one: { Effect: string }) => one.Effect === 'Allow').map(
          (one: { Principal: object; Action: string; Condition?: object }) => [
            Properties.Queues[0].Ref.replace(/[0-9A-F]{8}$/, ''),
            one.Action,
            one.Principal,
            one.Condition,
          ],
        ),
      );
    const topic = (arn: string) => [{ Service: 'sns.amazonaws.com' }, { ArnEquals: { 'aws:SourceArn': arn } }];
    expect(allowed).toEqual([
      ['CollectionWiz', 'sqs:SendMessage', ...topic('arn:aws:sns:us-east-1:111122223333:wiz-issues')],
      ['CollectionFalco', 'sqs:SendMessage', { AWS: 'arn:aws:iam::111122223333:role/falcosidekick' }, undefined],
      ['CollectionFalco', 'sqs:SendMessage', ...topic('arn:aws:sns:us-east-1:444455556666:falco')],
    ]);
  });

  it('deny everybody else, also identities of this account - what comes here may count as confirmed', () => {
    const denied = Object.values(large.findResources('AWS::SQS::QueuePolicy'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Sid }: { Sid?: string }) => Sid === 'NobodyElse')
      .map(({ Effect, Principal, Action, Condition }) => ({ Effect, Principal, Action, Condition }));
    const rule = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sqs:SendMessage' };
    expect(denied).toEqual([
      {
        ...rule,
        Condition: { ArnNotEquals: { 'aws:SourceArn': ['arn:aws:sns:us-east-1:111122223333:wiz-issues'] } },
      },
      {
        ...rule,
        Condition: {
          ArnNotEquals: {
            'aws:SourceArn': ['arn:aws:sns:us-east-1:444455556666:falco'],
            'aws:PrincipalArn': ['arn:aws:iam::111122223333:role/falcosidekick'],
          },
        },
      },
    ]);
  });

  it('take events from rules of this account only', () => {
    const [policy] = Object.values(large.findResources('AWS::SQS::QueuePolicy')).filter(({ Properties }) =>
      /^CollectionQueue/.test(Properties.Queues[0].Ref),
    );
    const allowed = policy?.['Properties'].PolicyDocument.Statement.filter(
      (one: { Effect: string }) => one.Effect === 'Allow',
    );
    expect(allowed.length).toBeGreaterThan(0);
    for (const one of allowed) {
      expect(one.Principal).toEqual({ Service: 'events.amazonaws.com' });
      // An encrypted queue takes events of this account's rules; collect checks source and account of each again.
      expect(one.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': '000000000000' } });
    }
  });

  it('are encrypted: the shared key where only AWS services of this account send, a key of SQS where others do', () => {
    const queues = large.findResources('AWS::SQS::Queue');
    for (const id of idsOf(large, 'AWS::SQS::Queue', WORKED)) {
      const { KmsMasterKeyId, SqsManagedSseEnabled } = queues[id]?.['Properties'] ?? {};
      if (id.startsWith('CollectionQueue')) expect(arnOf(KmsMasterKeyId)).toMatch(/^KeysShared/);
      else expect(SqsManagedSseEnabled).toBe(true);
    }
  });

  it('give a message up after five attempts, into a queue with an alarm, and hide it while collect works', () => {
    const queues = large.findResources('AWS::SQS::Queue');
    const collect = Object.values(large.findResources('AWS::Lambda::Function')).find(
      ({ Properties }) => Properties.FunctionName === 'parapet-collect',
    );
    for (const id of idsOf(large, 'AWS::SQS::Queue', WORKED)) {
      expect(queues[id]?.['Properties']).toMatchObject({
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^CollectionGivenUp/), 'Arn'] },
          maxReceiveCount: 5,
        },
        VisibilityTimeout: 6 * Number(collect?.['Properties'].Timeout),
      });
    }
    for (const what of ['collected-given-up', 'events-undelivered']) {
      large.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `parapet-dead-letters-${what}`,
        MetricName: 'ApproximateNumberOfMessagesVisible',
      });
    }
  });

  it('send one bad message of a batch back alone', () => {
    const mappings = Object.entries(large.findResources('AWS::Lambda::EventSourceMapping')).filter(([id]) =>
      /^Collection/.test(id),
    );
    expect(mappings).toHaveLength(3);
    for (const [, { Properties }] of mappings) {
      expect(Properties).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    }
  });

  it('are told to people who set up a sender', () => {
    const outputs = (which: Template) =>
      Object.keys(which.findOutputs('*')).filter((name) => /^(Collect|Wiz|Falco)QueueUrl$/.test(name));
    expect(outputs(template)).toEqual(['CollectQueueUrl']);
    expect(outputs(large).sort()).toEqual(['CollectQueueUrl', 'FalcoQueueUrl', 'WizQueueUrl']);
  });
});

describe('the role of collect', () => {
  it('may read its queues, put a large body away and publish Alert Received - nothing else', () => {
    const rights = (statementsByVerb(large).get('collect') ?? []).flatMap(({ Action }) => Action);
    expect(rights.filter((action) => !/^(logs|xray|kms):/.test(action)).sort()).toEqual([
      'events:PutEvents',
      's3:PutObject',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ]);
  });

  it('knows the queues it may take messages from', () => {
    const variables = (which: Template) =>
      Object.keys(
        Object.values(which.findResources('AWS::Lambda::Function')).find(
          ({ Properties }) => Properties.FunctionName === 'parapet-collect',
        )?.['Properties'].Environment.Variables,
      ).sort();
    expect(variables(template)).toEqual(['BUS_NAME', 'COLLECT_QUEUE_ARN', 'EVIDENCE_BUCKET']);
    expect(variables(large)).toContain('WIZ_QUEUE_ARN');
    expect(variables(large)).toContain('FALCO_QUEUE_ARN');
  });
});
