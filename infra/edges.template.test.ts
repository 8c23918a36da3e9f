import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfiguration } from '../domain/config/parse.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
beforeAll(() => {
  template = synthesise();
});

function functionTimeout(verb: string): number {
  const found = Object.values(template.findResources('AWS::Lambda::Function')).find(
    ({ Properties }) => Properties.FunctionName === `parapet-${verb}`,
  );
  return Number(found?.['Properties'].Timeout);
}

describe('the webhook edge', () => {
  it('denies everybody who does not come from a configured network', () => {
    const everyone = { Principal: { AWS: '*' }, Action: 'execute-api:Invoke', Resource: 'execute-api:/*' };
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      Policy: {
        Statement: [
          { Effect: 'Allow', ...everyone },
          { Effect: 'Deny', ...everyone, Condition: { NotIpAddress: { 'aws:SourceIp': ['127.0.0.1/32'] } } },
        ],
      },
    });
  });

  it('denies everybody when no source is configured - no network is not every network', () => {
    const { sources: _, ...rest } = sampleConfiguration();
    const closed = synthesise({ configuration: parseConfiguration({ ...rest, sources: {} }) });
    const [api] = Object.values(closed.findResources('AWS::ApiGateway::RestApi'));
    expect(api?.['Properties'].Policy.Statement).toContainEqual({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'execute-api:Invoke',
      Resource: 'execute-api:/*',
    });
  });

  it('has one method, limited to what the configuration lets the sources send', () => {
    template.resourceCountIs('AWS::ApiGateway::Method', 1);
    template.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'POST',
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' },
    });
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: [
        Match.objectLike({ ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 }),
      ],
    });
  });

  it('takes every body as binary - as text, API Gateway would replace bytes before receive can authenticate them', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { BinaryMediaTypes: ['*/*'] });
  });

  it('logs every request as JSON without headers, body or query - they hold credentials', () => {
    const [stage] = Object.values(template.findResources('AWS::ApiGateway::Stage'));
    const format = JSON.parse(stage?.['Properties'].AccessLogSetting.Format);
    expect(Object.values(format).join()).not.toMatch(/header|body|query|authorizer/i);
    expect(format).toMatchObject({
      ip: '$context.identity.sourceIp',
      status: '$context.status',
      method: '$context.httpMethod',
    });
    expect(
      stage?.['Properties'].MethodSettings.map((one: { DataTraceEnabled?: boolean }) => one.DataTraceEnabled ?? false),
    ).not.toContain(true);
  });

  it('answers before API Gateway gives up (29 s)', () => {
    expect(functionTimeout('receive')).toBeLessThan(29);
  });

  it('has a web ACL only where it is switched on, and none of its rules looks into bodies - an alert quotes the attack', () => {
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
    const guarded = synthesise({ context: { waf: 'true' } });
    guarded.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    const [acl] = Object.values(guarded.findResources('AWS::WAFv2::WebACL'));
    expect(JSON.stringify(acl?.['Properties'].Rules).match(/AWSManagedRules\w+/g)).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
    ]);
    expect(acl?.['Properties'].Rules[1].Statement.RateBasedStatement).toEqual({
      AggregateKeyType: 'IP',
      Limit: 20_000,
    });
  });
});

describe('the people edge', () => {
  it('sends GET, HEAD, OPTIONS and POST of an approval to the same function - the page itself shows that a GET decides nothing', () => {
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties.RouteKey,
    );
    expect(routes.sort()).toEqual([
      'GET /approvals/{id}',
      'HEAD /approvals/{id}',
      'OPTIONS /approvals/{id}',
      'POST /approvals/{id}',
    ]);
    const targets = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) =>
      JSON.stringify(Properties.Target),
    );
    expect(new Set(targets).size).toBe(1);
  });

  it('is limited to the pace of people', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
    });
  });

  it('logs the route instead of the path, and no query - an approval link is a credential', () => {
    const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
    const format = JSON.parse(stage?.['Properties'].AccessLogSettings.Format);
    expect(format).toMatchObject({ route: '$context.routeKey', status: '$context.status' });
    expect(Object.values(format).join()).not.toMatch(/\$context\.(path|http\.path)|query|header/i);
  });

  it('answers before API Gateway gives up (30 s)', () => {
    expect(functionTimeout('decide')).toBeLessThan(30);
  });
});

describe('the outputs', () => {
  it('are the ones the command line and the laptop run read', () => {
    const outputs = Object.keys(template.findOutputs('*'));
    expect(outputs.sort()).toEqual([
      'AlertsGivenUpQueueUrl',
      'AlertsUndeliveredQueueUrl',
      'AnchorBucket',
      'AnchorKeyId',
      'AnchorsGivenUpQueueUrl',
      'ApprovalsTable',
      'AuditTable',
      'BusName',
      'DecisionsGivenUpQueueUrl',
      'DeduplicationTable',
      'EvidenceBucket',
      'IncidentsTable',
      'IncidentsUndeliveredQueueUrl',
      'IntakeQueueUrl',
      'PeopleApiId',
      'PeopleUrl',
      'StateMachineArn',
      'WebhookApiId',
      'WebhookStage',
      'WebhookUrl',
    ]);
  });
});
