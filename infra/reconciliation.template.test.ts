import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../domain/config/schema.ts';
import { scheduledSources } from './stages/reconciliation.ts';
import { statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

function reconciled(minutes: number): Configuration {
  const sample = sampleConfiguration();
  const compute = sample.sources['prisma-cloud-compute'];
  if (compute === undefined) throw new Error('the sample has no Compute');
  return {
    ...sample,
    sources: { ...sample.sources, 'prisma-cloud-compute': { ...compute, reconcileEveryMinutes: minutes } },
  };
}

describe('reconciliation', () => {
  const template = synthesise({ configuration: reconciled(15) });

  it('has a schedule for each source that is to be polled, which starts the machine and nothing else', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(15 minutes)',
      Target: Match.objectLike({
        Input: JSON.stringify({ source: 'prisma-cloud-compute' }),
        DeadLetterConfig: Match.anyValue(),
      }),
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([Match.objectLike({ Sid: 'StartReconcile', Action: 'states:StartExecution' })]),
      }),
    });
  });

  it('may read the vendor, feed the bus and move its cursor - and touch no incident', () => {
    const statements = statementsByVerb(template).get('poll') ?? [];
    const actions = statements.flatMap(({ Action }) => Action).filter((action) => !/^(logs|xray|kms):/.test(action));
    expect([...new Set(actions)].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      'events:PutEvents',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
    ]);
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(policies).toContain('"dynamodb:LeadingKeys":["POLL#*"]');
  });

  it('rings when a poll fails or could not be started', () => {
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties.AlarmName,
    );
    expect(names).toEqual(
      expect.arrayContaining([
        'parapet-reconcile-failed',
        'parapet-reconcile-timed-out',
        'parapet-dead-letters-polls-given-up',
        'parapet-errors-poll',
      ]),
    );
  });

  it('refuses to promise a poll nobody does', () => {
    expect(scheduledSources(reconciled(5))).toEqual([{ source: 'prisma-cloud-compute', minutes: 5 }]);
    const inspector = { events: { accounts: ['111122223333'] }, reconcileEveryMinutes: 15 };
    expect(() => scheduledSources({ sources: { inspector } }, () => false)).toThrow(
      'sources.inspector.reconcileEveryMinutes',
    );
  });
});
