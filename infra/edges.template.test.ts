import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseConfiguration } from '../domain/config/parse.ts';
import { everySource } from './testing/all-sources.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
let large: Template;
beforeAll(() => {
  template = synthesise();
  large = synthesise({ configuration: everySource() });
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

  it('has two addresses for each source - one for a credential in a header, one for a credential in the address', () => {
    const paths = (which: Template) => {
      const resources = which.findResources('AWS::ApiGateway::Resource');
      const pathOf = (id: string): string => {
        const { PathPart, ParentId } = resources[id]?.['Properties'] ?? {};
        return PathPart === undefined ? '' : `${pathOf(String(ParentId.Ref))}/${PathPart}`;
      };
      const methods = Object.values(which.findResources('AWS::ApiGateway::Method')).map(
        ({ Properties }) => `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
      );
      return methods.sort();
    };
    expect(paths(template)).toEqual([
      'POST /webhooks/prisma-cloud-compute',
      'POST /webhooks/prisma-cloud-compute/{secret}',
    ]);
    expect(paths(large)).toHaveLength(12);
    template.allResourcesProperties('AWS::ApiGateway::Method', {
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' },
    });
  });

  it('holds each source to its own rate - one in a storm must not use up what the others may send', () => {
    const [stage] = Object.values(large.findResources('AWS::ApiGateway::Stage'));
    const settings = z
      .array(z.object({ ResourcePath: z.string(), ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() }))
      .parse(stage?.['Properties'].MethodSettings);
    const limits = Object.fromEntries(
      settings.map((one) => [one.ResourcePath, [one.ThrottlingRateLimit, one.ThrottlingBurstLimit]]),
    );
    expect(limits).toMatchObject({
      '/*': [420, 840],
      '/~1webhooks~1wiz': [20, 40],
      '/~1webhooks~1wiz~1{secret}': [20, 40],
      '/~1webhooks~1prisma-cloud-compute': [200, 400],
      '/~1webhooks~1lacework~1{secret}': [50, 100],
    });
    expect(settings).toHaveLength(13);
  });

  it('answers what is too much with 429 and Retry-After - the sender still has the alert and sends it again', () => {
    template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'THROTTLED',
      StatusCode: '429',
      ResponseParameters: { 'gatewayresponse.header.Retry-After': "'5'" },
    });
  });

  it('writes no address down anywhere - the last part of one may be a credential', () => {
    const [stage] = Object.values(large.findResources('AWS::ApiGateway::Stage'));
    expect(stage?.['Properties'].TracingEnabled).not.toBe(true);
    expect(stage?.['Properties'].AccessLogSetting.Format).not.toMatch(/\$context\.(path|customDomain|requestOverride)/);
    const levels = z
      .array(z.object({ ResourcePath: z.string(), LoggingLevel: z.string(), DataTraceEnabled: z.boolean() }))
      .parse(stage?.['Properties'].MethodSettings);
    for (const { ResourcePath, LoggingLevel, DataTraceEnabled } of levels) {
      expect(DataTraceEnabled, ResourcePath).toBe(false);
      expect(LoggingLevel, ResourcePath).toBe(ResourcePath.includes('{secret}') ? 'OFF' : 'ERROR');
    }
  });

  it('lets in the networks of all sources together - receive holds each source to its own', () => {
    const [api] = Object.values(large.findResources('AWS::ApiGateway::RestApi'));
    expect(JSON.stringify(api?.['Properties'].Policy)).toContain(
      JSON.stringify({ 'aws:SourceIp': ['127.0.0.1/32', '2001:db8::/32', '203.0.113.0/24'] }),
    );
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
      resource: '$context.resourcePath',
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

describe('the webhook edge under a name of its own', () => {
  const name = 'alerts.example.com';
  const certificateArn = 'arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000';
  const named = (more: object = {}) =>
    synthesise({ configuration: everySource({ deployment: { webhookDomain: { name, certificateArn, ...more } } }) });

  it('is served there and nowhere else - a second way in would go round the client certificate', () => {
    const own = named();
    own.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    own.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: name,
      RegionalCertificateArn: certificateArn,
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
      MutualTlsAuthentication: Match.absent(),
    });
    own.resourceCountIs('AWS::ApiGateway::BasePathMapping', 1);
    expect(own.findOutputs('WebhookUrl')['WebhookUrl']?.['Value']).toBe(`https://${name}`);
    expect(Object.keys(own.findOutputs('WebhookDomainTarget'))).toHaveLength(1);
  });

  it('asks senders for a client certificate where authorities are named', () => {
    named({ truststoreUri: 's3://example-truststore/senders.pem' }).hasResourceProperties(
      'AWS::ApiGateway::DomainName',
      { MutualTlsAuthentication: { TruststoreUri: 's3://example-truststore/senders.pem' } },
    );
  });

  it('is switched on by the configuration only', () => {
    template.resourceCountIs('AWS::ApiGateway::DomainName', 0);
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: false });
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
      'AskFunction',
      'AuditTable',
      'BusName',
      'ChasingGivenUpQueueUrl',
      'CollectQueueUrl',
      'CollectedGivenUpQueueUrl',
      'DecisionsGivenUpQueueUrl',
      'DeduplicationTable',
      'DigestsGivenUpQueueUrl',
      'EvidenceBucket',
      'IncidentsTable',
      'IncidentsUndeliveredQueueUrl',
      'IntakeQueueUrl',
      'NotesUntoldQueueUrl',
      'PeopleApiId',
      'PeopleUrl',
      'PollsGivenUpQueueUrl',
      'ReconcileStateMachineArn',
      'RollBackStateMachineArn',
      'StateMachineArn',
      'WaitingGivenUpQueueUrl',
      'WatchesGivenUpQueueUrl',
      'WebhookApiId',
      'WebhookStage',
      'WebhookUrl',
    ]);
  });
});
