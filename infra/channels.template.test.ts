import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../domain/config/parse.ts';
import { render, type Statement, statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let plain: Template;
let asking: Template;
let byVerb: ReadonlyMap<string, readonly Statement[]>;
beforeAll(() => {
  const sample = sampleConfiguration();
  plain = synthesise();
  asking = synthesise({
    configuration: parseConfiguration({
      ...sample,
      destinations: {
        ...sample.destinations,
        chat: {
          ...sample.destinations.chat,
          approvals: true,
          signingSecret: 'parapet/slack-signing',
          appId: 'A0123456789',
          teamId: 'T0123456789',
        },
        teams: { secret: 'parapet/teams' },
        mail: { from: 'parapet@example.com', configurationSet: 'without-tracking' },
      },
    }),
  });
  byVerb = statementsByVerb(asking);
});

const routes = (template: Template) =>
  Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) =>
    String(Properties.RouteKey),
  );
const streams = (template: Template) =>
  Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).filter(({ Properties }) =>
    render(Properties.EventSourceArn).includes('Stream'),
  );
const secretsOf = (verb: string): string[] =>
  (byVerb.get(verb) ?? [])
    .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
    .flatMap(({ Resource }) => Resource)
    .map((id) => String(asking.findResources('AWS::SecretsManager::Secret')[id]?.['Properties'].Name))
    .sort();
const approvalsOf = (verb: string) =>
  (byVerb.get(verb) ?? []).filter(
    ({ Action, Effect, Resource }) =>
      Effect === 'Allow' &&
      Action.some((one) => one.startsWith('dynamodb:')) &&
      Resource.some((one) => /^StoresApprovals\w+\.Arn$|^StoresApprovals\w+$/.test(one)),
  );

describe('questions in chat channels', () => {
  it('open no address, read no stream and keep no queue where none is configured', () => {
    expect(routes(plain).filter((key) => key.includes('slack'))).toEqual([]);
    expect(streams(plain)).toHaveLength(1);
    expect(Object.keys(plain.findOutputs('*')).filter((name) => name.startsWith('Questions'))).toEqual([]);
  });

  it('come in by one POST at the people’s edge, below its throttle, to a function that proves each by its signature', () => {
    expect(routes(asking).filter((key) => key.includes('slack'))).toEqual(['POST /slack/interactions']);
    asking.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
    });
  });

  it('answer within Slack’s three seconds only with enough processor, and end before the edge does', () => {
    asking.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'parapet-slack-callback',
      MemorySize: 1024,
      Timeout: 10,
    });
  });

  it('are brought up to date by every change of an approval, with a place for what could not be shown', () => {
    expect(streams(asking)).toHaveLength(2);
    asking.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      StartingPosition: 'LATEST',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10,
      DestinationConfig: { OnFailure: Match.anyValue() },
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({
              eventName: ['INSERT', 'MODIFY'],
              dynamodb: { NewImage: { id: { S: [{ prefix: 'APPROVAL#' }] } } },
            }),
          },
        ],
      },
    });
  });

  it('give the function that shows them no way to decide, and none of them a token', () => {
    const rights = approvalsOf('show-question').map(({ Action, Condition }) => [
      Action,
      Condition?.['ForAllValues:StringLike'],
    ]);
    expect(rights).toEqual([
      [['dynamodb:GetItem'], { 'dynamodb:LeadingKeys': ['APPROVAL#*'] }],
      [['dynamodb:GetItem', 'dynamodb:PutItem'], { 'dynamodb:LeadingKeys': ['SHOWN#*'] }],
    ]);
    for (const verb of ['show-question', 'slack-callback']) {
      expect(byVerb.get(verb)).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['TOKEN#*'] } },
        }),
      );
    }
  });

  it('keep the secrets apart: who takes a click cannot post, and who posts cannot prove a click or sign a link', () => {
    expect(secretsOf('slack-callback')).toEqual(['parapet/slack-signing']);
    expect(secretsOf('show-question')).toEqual(['parapet/slack', 'parapet/teams']);
  });

  it('write to no target, no bus and no mail', () => {
    for (const verb of ['show-question', 'slack-callback']) {
      const actions = (byVerb.get(verb) ?? []).flatMap(({ Action }) => Action);
      expect(actions.filter((one) => /^(events|ses|states|sts|lambda):/.test(one))).toEqual([]);
    }
  });
});

describe('mail to approvers', () => {
  it('may use the named configuration set, and no other', () => {
    const mailing = [...byVerb].flatMap(([verb, statements]) =>
      statements
        .filter(({ Action }) => Action.includes('ses:SendEmail'))
        .map(({ Resource }) => [verb, Resource] as const),
    );
    expect(mailing.map(([verb]) => verb)).toContain('request-approval');
    for (const [, resources] of mailing) {
      expect(resources).toEqual(
        [
          'arn:aws:ses:us-east-1:000000000000:identity/example.com',
          'arn:aws:ses:us-east-1:000000000000:identity/parapet@example.com',
          'arn:aws:ses:us-east-1:000000000000:configuration-set/without-tracking',
        ].sort(),
      );
    }
  });
});
