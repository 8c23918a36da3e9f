import { readFileSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { LEASE_SECONDS } from '../connectors/publication/publish.ts';
import { INCIDENT_DEFINITION } from './stages/incident-workflow.ts';
import { render } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
});

function stateMachine(): Record<string, unknown> {
  const [found] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  return found?.['Properties'] ?? {};
}

describe('the incident state machine', () => {
  it('is deployed word for word from its file', () => {
    expect(stateMachine()['DefinitionString']).toBe(readFileSync(INCIDENT_DEFINITION, 'utf8'));
  });

  it('has a function of ours in every placeholder, each its own, and none left over - a swap would approve with the wrong verb', () => {
    const placeholders = [...new Set(readFileSync(INCIDENT_DEFINITION, 'utf8').match(/(?<="\$\{)\w+(?=\}")/g))].sort();
    const substitutions = Object.entries(stateMachine()['DefinitionSubstitutions'] ?? {});
    expect(substitutions.map(([name]) => name).sort()).toEqual(placeholders);
    const functions = template.findResources('AWS::Lambda::Function');
    for (const [placeholder, target] of substitutions) {
      const verb = String(functions[render(target).replace(/\.Arn$/, '')]?.['Properties'].FunctionName).replace(
        'parapet-',
        '',
      );
      expect(`${verb.replaceAll('-', '')}function`).toBe(placeholder.toLowerCase());
    }
  });

  it('may call exactly the functions of its definition', () => {
    const called = Object.values(stateMachine()['DefinitionSubstitutions'] ?? {})
      .map(render)
      .sort();
    const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
      /^IncidentRole/.test(id),
    );
    const statement = policy?.[1]['Properties'].PolicyDocument.Statement.find(
      (one: { Sid?: string }) => one.Sid === 'CallVerbs',
    );
    expect(statement).toMatchObject({ Effect: 'Allow', Action: 'lambda:InvokeFunction' });
    expect(statement.Resource.map(render).sort()).toEqual(called);
  });

  it('logs what happened without inputs and outputs - inputs hold task tokens', () => {
    expect(stateMachine()).toMatchObject({
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });

  it('is started by Incident Opened with its detail, retried for a day', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['parapet'], 'detail-type': ['Incident Opened'] },
      Targets: [
        Match.objectLike({
          InputPath: '$.detail',
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        }),
      ],
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['parapet'], 'detail-type': ['Alert Received'] },
      Targets: [Match.objectLike({ RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } })],
    });
  });

  it('gives every function less time than the task that waits for it - else the answer is lost', () => {
    const timeouts = Object.values(template.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Timeout,
    );
    const waits = readFileSync(INCIDENT_DEFINITION, 'utf8').match(/"TimeoutSeconds": 960/g);
    expect(waits?.length).toBeGreaterThan(10);
    expect(Math.max(...timeouts)).toBeLessThanOrEqual(900);
  });
});

describe('incidents that wait', () => {
  it('are called up every minute; a run that comes late is left out, because the next one calls too', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: Match.objectLike({
        Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WaitingAnnounceWaiting'), 'Arn'] },
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 10 },
      }),
    });
  });
});

describe('incidents beyond the chat rate', () => {
  const schedule = {
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: Match.objectLike({
      Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DigestsPostDigest'), 'Arn'] },
      RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 10 },
    }),
  };

  it('are told every minute, by a function that ends before its claim does - else two would post', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', schedule);
    const [timeout] = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
      Properties.FunctionName === 'parapet-post-digest' ? [Properties.Timeout] : [],
    );
    expect(timeout).toBeLessThan(LEASE_SECONDS);
  });

  it('do not exist without a chat system, so nobody is called to tell of them', () => {
    const { chat: _, ...others } = sampleConfiguration().destinations;
    const silent = synthesise({ configuration: { ...sampleConfiguration(), destinations: others } });
    silent.resourcePropertiesCountIs('AWS::Scheduler::Schedule', schedule, 0);
  });
});

describe('the bus', () => {
  it('is archived only where the flag says so', () => {
    template.resourceCountIs('AWS::Events::Archive', 0);
    synthesise({ context: { archive: true } }).resourceCountIs('AWS::Events::Archive', 1);
  });

  it('refuses a flag that is neither true nor false - "off" must not mean on', () => {
    expect(() => synthesise({ context: { archive: 'off' } })).toThrow('context archive must be true or false');
  });
});

describe('the AwsSolutions rules', () => {
  it('stop the synthesis when one is broken that nobody accepted', () => {
    const withOpenQueue = () => synthesise({ change: (stack) => new Queue(stack, 'OpenQueue') });
    expect(withOpenQueue).toThrow(/validation/i);
  });
});
