import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Configuration } from '../domain/config/schema.ts';
import { type Statement, statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

let template: Template;
let statements: readonly Statement[];
beforeAll(() => {
  template = synthesise({ configuration: withSignIn() });
  statements = statementsByVerb(template).get('sign-in') ?? [];
});

function withSignIn(): Configuration {
  const sample = sampleConfiguration();
  const signIn = {
    issuer: 'https://login.example.com',
    clientId: 'parapet',
    clientSecret: 'parapet/oidc',
    maxAgeSeconds: 900,
  };
  return {
    ...sample,
    approvals: { ...sample.approvals, signIn },
    approvers: sample.approvers.map((approver) => ({ ...approver, oidcSubject: approver.id })),
  };
}

const routesOf = (of: Template): string[] =>
  Object.values(of.findResources('AWS::ApiGatewayV2::Route'))
    .map(({ Properties }) => String(Properties.RouteKey))
    .sort();

describe('sign-in', () => {
  it('has two addresses, by GET alone', () => {
    expect(routesOf(template).filter((route) => route.includes('sign-in'))).toEqual([
      'GET /sign-in/callback',
      'GET /sign-in/{id}',
    ]);
  });

  it('reads two secrets and reaches no table, bucket, bus or workflow - it cannot decide (rules 4 and 8)', () => {
    const names = template.findResources('AWS::SecretsManager::Secret');
    const read = statements.filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'));
    expect(read.flatMap(({ Resource }) => Resource.map((id) => String(names[id]?.['Properties'].Name))).sort()).toEqual(
      ['parapet/approval-links', 'parapet/oidc'],
    );
    const allowed = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
    expect(allowed.filter((action) => /^(dynamodb|s3|events|states|sqs|ses|sts|lambda):/.test(action))).toEqual([]);
  });

  it('rings when it fails', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'parapet-errors-sign-in' });
  });

  it('has no address and reads no secret where no identity provider is configured', () => {
    const without = synthesise();
    expect(routesOf(without).filter((route) => route.includes('sign-in'))).toEqual([]);
    const own = statementsByVerb(without).get('sign-in') ?? [];
    expect(own.flatMap(({ Action }) => Action).filter((action) => action.startsWith('secretsmanager:'))).toEqual([]);
  });
});
