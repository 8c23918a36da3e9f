import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SourcesConfiguration } from '../domain/config/sources.ts';
import { policiesOf, type Statement, statementsByVerb } from './testing/permissions.ts';
import { sampleConfiguration, synthesise } from './testing/synthesise.ts';

const ACCOUNT = '000000000000';
const events = { accounts: [ACCOUNT] };

function templateWith(sources: SourcesConfiguration): Template {
  const sample = sampleConfiguration();
  return synthesise({ configuration: { ...sample, sources: { ...sample.sources, ...sources } } });
}

function ofServices(template: Template): readonly { readonly verb: string; readonly statement: Statement }[] {
  return [...statementsByVerb(template)].flatMap(([verb, statements]) =>
    statements
      .filter(({ Action }) => Action.some((action) => /^(?:guardduty|inspector2):/.test(action)))
      .map((statement) => ({ verb, statement })),
  );
}

describe('GuardDuty and Inspector', () => {
  let template: Template;
  beforeAll(() => {
    template = templateWith({
      guardduty: { events, api: { region: 'eu-central-1' } },
      inspector: { events, api: { region: 'eu-central-1' } },
    });
  });

  it('are read by the gatherer, in the configured region, and changed by nobody', () => {
    expect(ofServices(template).filter(({ verb }) => verb !== 'reconcile')).toEqual([
      {
        verb: 'gather-cwpp',
        statement: {
          Sid: 'ReadGuardDuty',
          Effect: 'Allow',
          Action: ['guardduty:GetFindings', 'guardduty:ListFindings'],
          Resource: [expect.stringMatching(/:guardduty:eu-central-1:000000000000:detector\/\*$/)],
        },
      },
      {
        verb: 'gather-cwpp',
        statement: {
          Sid: 'FindGuardDutyDetector',
          Effect: 'Allow',
          Action: ['guardduty:ListDetectors'],
          Resource: ['*'],
          Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } },
        },
      },
      {
        verb: 'gather-cwpp',
        statement: {
          Sid: 'ReadInspector',
          Effect: 'Allow',
          Action: [
            'inspector2:BatchGetFindingDetails',
            'inspector2:GetClustersForImage',
            'inspector2:ListFindings',
            'inspector2:SearchVulnerabilities',
          ],
          Resource: ['*'],
          Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } },
        },
      },
    ]);
    const actions = ofServices(template).flatMap(({ statement }) => statement.Action);
    expect(actions.filter((action) => !/:(?:Get|List|BatchGet|Search)/.test(action))).toEqual([]);
  });

  it('have a written reason for what cannot be named', () => {
    const policy = policiesOf(template).find(({ statements }) =>
      statements.some(({ Sid }) => Sid === 'FindGuardDutyDetector'),
    );
    const reasons = [...(policy?.accepted ?? [])].filter(([rule]) => /guardduty|Resource::\*\]/.test(rule));
    expect(reasons.map(([, reason]) => reason.length > 20)).toEqual([true, true]);
  });

  it('may not be read at all where their API is not configured - their events need no right of a function', () => {
    expect(ofServices(templateWith({ guardduty: { events }, inspector: { events } }))).toEqual([]);
  });
});
