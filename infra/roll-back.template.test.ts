import { readFileSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROLL_BACK_DEFINITION } from './stages/roll-back-on-demand.ts';
import { render, type Statement, statementsByVerb } from './testing/permissions.ts';
import { synthesise } from './testing/synthesise.ts';

let template: Template;
let byVerb: ReadonlyMap<string, readonly Statement[]>;
beforeAll(() => {
  template = synthesise();
  byVerb = statementsByVerb(template);
});

function machine(): Record<string, unknown> {
  const [found] = Object.values(
    template.findResources('AWS::StepFunctions::StateMachine', {
      Properties: { StateMachineName: 'parapet-roll-back' },
    }),
  );
  return found?.['Properties'] ?? {};
}

/** Allowed actions of a verb, without the log of its own function. */
function allowed(verb: string): string[] {
  const actions = (byVerb.get(verb) ?? [])
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action }) => Action)
    .filter((action) => !action.startsWith('logs:') && !action.startsWith('xray:') && !action.startsWith('kms:'));
  return [...new Set(actions)].sort();
}

describe('the state machine of a roll-back on demand', () => {
  it('is deployed word for word from its file, and may call exactly the functions of its definition', () => {
    const text = readFileSync(ROLL_BACK_DEFINITION, 'utf8');
    expect(machine()['DefinitionString']).toBe(text);
    const placeholders = [...new Set(text.match(/(?<="\$\{)\w+(?=\}")/g))].sort();
    const substitutions = Object.entries(machine()['DefinitionSubstitutions'] ?? {});
    expect(substitutions.map(([name]) => name).sort()).toEqual(placeholders);
    const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
      /^RollBackRole/.test(id),
    );
    const statements: { Sid?: string; Resource: unknown[] }[] = policy?.[1]['Properties'].PolicyDocument.Statement;
    const calls = statements.find(({ Sid }) => Sid === 'CallVerbs');
    expect(calls?.Resource.map(render).sort()).toEqual(substitutions.map(([, target]) => render(target)).sort());
  });

  it('never reaches execute: an undo does nothing new', () => {
    expect(readFileSync(ROLL_BACK_DEFINITION, 'utf8')).not.toMatch(/ExecuteFunction|ConcludeFunction|PlanFunction/);
  });

  it('logs what happened without inputs and outputs - inputs hold task tokens', () => {
    expect(machine()).toMatchObject({
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });

  it('is started by nothing in the stack: a person does, with a right of their own', () => {
    const starters = [...byVerb].filter(([, statements]) =>
      statements.some(({ Action }) => Action.includes('states:StartExecution')),
    );
    expect(starters.map(([verb]) => verb)).toEqual([]);
  });

  it('is answered by deliver-decision, as the incident is, and by nobody else', () => {
    const answering = [...byVerb].flatMap(([verb, statements]) =>
      statements
        .filter(({ Action }) => Action.includes('states:SendTaskSuccess'))
        .map(({ Resource }) => [verb, Resource.length] as const),
    );
    expect(answering).toEqual([['deliver-decision', 2]]);
  });

  it('rings when it fails', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'parapet-roll-backs-failed',
      MetricName: 'ExecutionsFailed',
      Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: Match.stringLikeRegexp('^RollBackStateMachine') } }],
    });
  });
});

describe('its functions', () => {
  it('plan by reading: the only thing written is the plan, and the log', () => {
    expect(allowed('plan-undo')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
    ]);
    const puts = (byVerb.get('plan-undo') ?? []).filter(
      ({ Effect, Action }) => Effect === 'Allow' && Action.includes('dynamodb:PutItem'),
    );
    expect(puts.map(({ Sid }) => Sid)).toEqual(['AppendAudit']);
  });

  it('verify by reading: the only thing written is the log', () => {
    expect(allowed('verify-undo')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      's3:GetObject',
      'secretsmanager:GetSecretValue',
    ]);
    const puts = (byVerb.get('verify-undo') ?? []).filter(({ Action }) => Action.includes('dynamodb:PutItem'));
    expect(puts.map(({ Sid }) => Sid)).toEqual(['AppendAudit']);
  });

  it('conclude without any credential, and take only places out of the line of looks', () => {
    expect(allowed('conclude-undo')).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ]);
    const ends = (byVerb.get('conclude-undo') ?? []).filter(({ Action }) => Action.includes('dynamodb:DeleteItem'));
    expect(ends.map(({ Sid, Condition }) => [Sid, Condition])).toEqual([
      ['EndWatch', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['WATCH#LINE'] } }],
    ]);
  });

  it('read approvals and the kill switch where something is put back, and can change neither', () => {
    for (const verb of ['roll-back', 'plan-undo']) {
      const sids = (byVerb.get(verb) ?? []).map(({ Sid }) => Sid);
      expect(sids).toEqual(expect.arrayContaining(['ReadApproval', 'ReadKillSwitch', 'NeverTouchTokens']));
    }
  });
});
