import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from './functions/names.ts';
import { policiesOf, render, type Statement, statementsByVerb } from './testing/permissions.ts';
import { synthesise } from './testing/synthesise.ts';

let template: Template;
let byVerb: ReadonlyMap<string, readonly Statement[]>;
beforeAll(() => {
  template = synthesise();
  byVerb = statementsByVerb(template);
});

function logicalIdOf(type: string, path: RegExp): string {
  const found = Object.keys(template.findResources(type)).filter((id) => path.test(id));
  if (found.length !== 1) throw new Error(`${found.length} resources of ${type} match ${path}`);
  return found[0] ?? '';
}

function allowing(statements: readonly Statement[], resource: string): Statement[] {
  return statements.filter(
    ({ Effect, Resource }) => Effect === 'Allow' && Resource.some((one) => one.startsWith(resource)),
  );
}

/** Verbs that have at least one statement for which `test` holds. */
function verbsWith(test: (statement: Statement) => boolean): string[] {
  return [...byVerb]
    .filter(([, statements]) => statements.some(test))
    .map(([verb]) => verb)
    .sort();
}

describe('roles', () => {
  it('are one for each function, used by nothing else - a shared role is the sum of all rights', () => {
    const roles = Object.values(template.findResources('AWS::Lambda::Function')).map(({ Properties }) =>
      render(Properties.Role),
    );
    expect(new Set(roles).size).toBe(FUNCTION_NAMES.length);
    expect([...byVerb.keys()].sort()).toEqual([...FUNCTION_NAMES].sort());
  });

  it('have no rights beside the policies looked at here - an inline or managed policy would escape every test below', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    const others = roles.filter(([, { Properties }]) => Properties.Policies ?? Properties.ManagedPolicyArns);
    expect(others.map(([id, { Properties }]) => [id, render(Properties.ManagedPolicyArns)])).toEqual([
      [
        expect.stringMatching(/^WebhookEdgeApiCloudWatchRole/),
        'arn:AWS::Partition:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
      ],
    ]);
  });

  it('allow no action by a wildcard - a new API call of a service must be a decision of ours', () => {
    const actions = policiesOf(template).flatMap(({ statements }) => statements.flatMap(({ Action }) => Action));
    expect(actions.length).toBeGreaterThan(100);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('name every resource, or say in writing why they cannot', () => {
    const unexplained = policiesOf(template).flatMap(({ logicalId, statements, accepted }) =>
      statements
        .flatMap(({ Resource }) => Resource)
        .filter((resource) => resource.includes('*'))
        .filter((resource) => {
          const written = resource.replace(/^(\w+)\.Arn/, '<$1.Arn>');
          return (accepted.get(`AwsSolutions-IAM5[Resource::${written}]`) ?? '').length < 20;
        })
        .map((resource) => `${logicalId}: ${resource}`),
    );
    expect(unexplained).toEqual([]);
  });

  it('reach everything (*) only with calls that have no resource to name', () => {
    const actions = policiesOf(template).flatMap(({ statements }) =>
      statements.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action),
    );
    expect([...new Set(actions)].sort()).toEqual([
      'dynamodb:ListStreams',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('write only the log of their own function', () => {
    for (const [verb, statements] of byVerb) {
      const logs = statements
        .filter(({ Action }) => Action.includes('logs:PutLogEvents'))
        .flatMap(({ Resource }) => Resource);
      expect(logs).toHaveLength(1);
      const group = template.findResources('AWS::Logs::LogGroup')[logs[0]?.replace(/\.Arn$/, '') ?? ''];
      expect(group?.['Properties'].LogGroupName).toBe(`/aws/lambda/parapet-${verb}`);
    }
  });
});

describe('the three lines', () => {
  it('are the only things items can be deleted from, each by the one function that calls them up', () => {
    expect(
      verbsWith(
        ({ Effect, Action }) =>
          Effect === 'Allow' && Action.some((action) => /Delete(Item|Object)|BatchWrite/.test(action)),
      ),
    ).toEqual(['announce-waiting', 'conclude-undo', 'post-digest', 'watch']);
    const leave = byVerb.get('announce-waiting')?.find(({ Action }) => Action.includes('dynamodb:DeleteItem'));
    expect(leave).toMatchObject({
      Action: ['dynamodb:DeleteItem'],
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['WAITING'] } },
    });
    const ends = byVerb
      .get('watch')
      ?.filter(({ Action }) => Action.some((action) => /dynamodb:(Put|Update|Delete)/.test(action)));
    expect(ends?.map(({ Sid, Action, Condition }) => [Sid, Action, Condition])).toEqual([
      [
        'KeepWatch',
        ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['WATCH#*'] } },
      ],
      ['EndWatch', ['dynamodb:DeleteItem'], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['WATCH#LINE'] } }],
      ['AppendAudit', ['dynamodb:PutItem', 'dynamodb:Query'], undefined],
    ]);
    const writes = byVerb
      .get('post-digest')
      ?.filter(({ Action }) => Action.some((action) => /dynamodb:(Put|Update|Delete)/.test(action)))
      .map(({ Sid, Action, Condition }) => [Sid, Action, Condition]);
    expect(writes).toEqual([
      ['MarkTold', ['dynamodb:UpdateItem'], { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['INC#*'] } }],
      [
        'MoveDigest',
        ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['DIGEST#*'] } },
      ],
      ['AppendAudit', ['dynamodb:PutItem', 'dynamodb:Query'], undefined],
    ]);
  });
});

describe('the audit log (rule 6)', () => {
  it('can be appended to and read by roles, and nothing else - no change, no deletion, no batch write', () => {
    const table = logicalIdOf('AWS::DynamoDB::GlobalTable', /^StoresAudit/);
    const rights = policiesOf(template).map(({ logicalId, statements }) => ({
      logicalId,
      actions: allowing(statements, `${table}.Arn`).flatMap(({ Action }) => Action),
    }));
    const touching = rights.filter(({ actions }) => actions.length > 0);
    expect(touching.length).toBeGreaterThan(10);
    for (const { logicalId, actions } of touching) {
      expect(['dynamodb:PutItem', 'dynamodb:Query'], logicalId).toEqual(expect.arrayContaining(actions));
    }
  });

  it('is anchored by a function that cannot append to it - who signs the heads must not make them', () => {
    const table = logicalIdOf('AWS::DynamoDB::GlobalTable', /^StoresAudit/);
    const rights = allowing(byVerb.get('anchor-audit') ?? [], `${table}.Arn`);
    expect(rights.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['dynamodb:Query'], [`${table}.Arn`]],
      [['dynamodb:Query'], [`${table}.Arn/index/recent`]],
    ]);
  });

  it('has anchors that no role can delete, shorten or write over the retention of', () => {
    const bucket = logicalIdOf('AWS::S3::Bucket', /^StoresAnchors/);
    const rights = [...byVerb].flatMap(([verb, statements]) =>
      allowing(statements, `${bucket}.Arn`).flatMap(({ Action, Resource }) =>
        Action.map((action) => ({ verb, action, at: Resource })),
      ),
    );
    expect(rights).toEqual([
      { verb: 'anchor-audit', action: 's3:PutObject', at: [`${bucket}.Arn/anchors/*`] },
      { verb: 'anchor-audit', action: 's3:ListBucket', at: [`${bucket}.Arn`] },
    ]);
  });

  it('is signed with a key only the anchor may use, for one algorithm', () => {
    expect(verbsWith(({ Action }) => Action.includes('kms:Sign'))).toEqual(['anchor-audit']);
    const sign = byVerb.get('anchor-audit')?.find(({ Action }) => Action.includes('kms:Sign'));
    expect(sign).toMatchObject({
      Resource: [expect.stringMatching(/^KeysAnchorSigning\w+\.Arn$/)],
      Condition: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } },
    });
  });
});

describe('the task token', () => {
  const READS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan'];
  const keysOf = ({ Condition }: Statement): unknown =>
    Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  const mayReachTokens = (statement: Statement): boolean => {
    const keys = keysOf(statement);
    return keys === undefined || JSON.stringify(keys).includes('TOKEN#');
  };

  it('is readable by deliver-decision only - who has it can answer for a person', () => {
    const table = `${logicalIdOf('AWS::DynamoDB::GlobalTable', /^StoresApprovals/)}.Arn`;
    const readers = verbsWith(
      (statement) =>
        statement.Effect === 'Allow' &&
        statement.Resource.includes(table) &&
        statement.Action.some((action) => READS.includes(action)) &&
        mayReachTokens(statement),
    );
    expect(readers).toEqual(['deliver-decision']);
  });

  it('is written by request-approval only, and by putting', () => {
    const table = `${logicalIdOf('AWS::DynamoDB::GlobalTable', /^StoresApprovals/)}.Arn`;
    const writers = [...byVerb].flatMap(([verb, statements]) =>
      statements
        .filter((one) => one.Effect === 'Allow' && one.Resource.includes(table) && mayReachTokens(one))
        .flatMap(({ Action }) =>
          Action.filter((action) => !READS.includes(action)).map((action) => `${verb} ${action}`),
        ),
    );
    expect(writers).toEqual(['request-approval dynamodb:PutItem']);
  });

  it('does not leave through the stream to anybody else', () => {
    expect(verbsWith(({ Action }) => Action.includes('dynamodb:GetRecords'))).toEqual(['deliver-decision']);
  });

  it.each(['decide', 'expire-approval', 'chase-approvals', 'execute', 'conclude'])(
    'is denied to %s outright, in batches too',
    (verb) => {
      const deny = byVerb.get(verb)?.filter(({ Effect }) => Effect === 'Deny');
      expect(deny).toMatchObject([
        {
          Action: expect.arrayContaining([...READS, 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']),
          Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['TOKEN#*'] } },
        },
      ]);
    },
  );

  it('can be answered by deliver-decision only, for the two state machines that ask', () => {
    expect(verbsWith(({ Action }) => Action.some((action) => action.startsWith('states:')))).toEqual([
      'deliver-decision',
    ]);
    const answer = byVerb.get('deliver-decision')?.find(({ Action }) => Action.includes('states:SendTaskSuccess'));
    expect([...(answer?.Resource ?? [])].sort()).toEqual([
      expect.stringMatching(/^IncidentStateMachine/),
      expect.stringMatching(/^RollBackStateMachine/),
    ]);
  });
});
