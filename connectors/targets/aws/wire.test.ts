import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedRequest } from '../../../domain/actions/action.ts';
import { accountSchema } from '../../../domain/config/accounts.ts';
import { TargetError } from '../errors.ts';
import { callOf } from './requests.ts';
import { cutOffIn, deniesAll, revocation } from './revocation.ts';
import { faultOf, targetErrorOf } from './wire/fault.ts';
import { parseXml } from './wire/xml.ts';

const account = accountSchema.parse({
  id: '111122223333',
  regions: ['eu-central-1'],
  readRole: 'arn:aws:iam::111122223333:role/parapet-read',
  writeRoles: 'arn:aws:iam::111122223333:role/parapet-{action}',
  denyAllPolicy: 'arn:aws:iam::111122223333:policy/deny',
});

describe('parseXml', () => {
  it('reads elements, repeated ones and entities, and leaves attributes out', () => {
    const text = '<?xml version="1.0"?>\n<A xmlns="x"><b>1 &lt; 2 &#65;&amp;lt;</b><c/><d><i>x</i><i>y</i></d></A>';
    expect(parseXml(text)).toEqual({ A: { b: '1 < 2 A&lt;', c: '', d: { i: ['x', 'y'] } } });
  });

  it('refuses what is cut, crossed, declares entities or goes too deep', () => {
    const deep = `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`;
    for (const text of ['<a><b></a></b>', '<a>', '</a>', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', deep])
      expect(() => parseXml(text)).toThrow(TargetError);
  });

  it('answers anything with a value or a TargetError - an answer must not stop a function with a bug', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseXml(`<a>${text}</a>`);
        } catch (error) {
          expect(error).toBeInstanceOf(TargetError);
        }
      }),
    );
  });
});

describe('faults', () => {
  it.each([
    ['<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>', 403, 'denied'],
    ['<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>', 404, 'not-found'],
    ['<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>', 400, 'not-found'],
    ['<ErrorResponse><Error><Code>ConcurrentModification</Code>', 409, 'conflict'],
    ['<ErrorResponse><Error><Code>LimitExceeded</Code>', 409, 'invalid'],
    ['<ErrorResponse><Error><Code>UnmodifiableEntity</Code>', 400, 'invalid'],
    ['<Response><Errors><Error><Code>RequestLimitExceeded</Code>', 503, 'unreachable'],
    ['{"__type":"com.amazon#AccessDeniedException","message":"no"}', 400, 'denied'],
    ['<html>bad gateway</html>', 502, 'unreachable'],
  ] as const)('%s with %i is %s', (text, status, kind) => {
    expect(targetErrorOf('ec2:Something', status, faultOf(text, null)).kind).toBe(kind);
  });
});

describe('the closed list of requests', () => {
  const iam = (action: string, body: Record<string, string>): PlannedRequest => ({
    method: 'POST',
    path: `/iam/aws-global/${action}`,
    body,
    purpose: '',
  });
  const refused: readonly (readonly [string, PlannedRequest])[] = [
    ['another operation', iam('CreateUser', { UserName: 'x' })],
    [
      'a policy of another name',
      iam('PutRolePolicy', { RoleName: 'r', PolicyName: 'p', PolicyDocument: revocation('2026-01-01T00:00:00.000Z') }),
    ],
    [
      'a document that allows',
      iam('PutRolePolicy', {
        RoleName: 'r',
        PolicyName: 'AWSRevokeOlderSessions',
        PolicyDocument: '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
      }),
    ],
    [
      'another managed policy',
      iam('AttachRolePolicy', { RoleName: 'r', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    ],
    ['a key without its user', iam('UpdateAccessKey', { AccessKeyId: 'AKIA', Status: 'Inactive' })],
    [
      'a region that is not configured',
      { method: 'POST', path: '/ec2/us-west-2/CreateSnapshots', body: { Description: 'x' }, purpose: '' },
    ],
    [
      'an attribute of an interface beside its groups',
      {
        method: 'POST',
        path: '/ec2/eu-central-1/ModifyNetworkInterfaceAttribute',
        body: { NetworkInterfaceId: 'eni-1', 'SecurityGroupId.1': 'sg-1', 'SourceDestCheck.Value': 'false' },
        purpose: '',
      },
    ],
    [
      'a tag that is not ours',
      {
        method: 'POST',
        path: '/tagging/eu-central-1/TagResources',
        body: { ResourceARNList: ['a'], Tags: { owner: 'x' } },
        purpose: '',
      },
    ],
    ['another path of EKS', { method: 'DELETE', path: '/eks/eu-central-1/clusters/prod-eks', purpose: '' }],
    ['a path that is none', { method: 'POST', path: 'https://example.com/', purpose: '' }],
  ];
  it.each(refused)('never sends %s', (_, request) => {
    expect(() => callOf(request, account, false)).toThrow(/never sent|no request to AWS/);
  });
});

describe('policies that deny', () => {
  it('reads back the cut-off it wrote, and none from anything that also allows or is narrower', () => {
    const at = '2026-01-01T00:00:00.000Z';
    expect(cutOffIn(revocation(at))).toBe(at);
    for (const [from, to] of [
      ['"Deny"', '"Allow"'],
      ['["*"]', '["s3:*"]'],
      ['DateLessThan', 'DateGreaterThan'],
    ] as const)
      expect(cutOffIn(revocation(at).replace(from, to))).toBeUndefined();
    expect(cutOffIn('no json')).toBeUndefined();
  });

  it('takes a policy for denying all only when it does, without a condition and without allowing anything', () => {
    const statement = { Effect: 'Deny', Action: '*', Resource: '*' };
    expect(deniesAll(JSON.stringify({ Statement: statement }))).toBe(true);
    for (const other of [
      { ...statement, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } },
      { ...statement, Action: 's3:*' },
      [statement, { Effect: 'Allow', Action: '*', Resource: '*' }],
      [],
    ])
      expect(deniesAll(JSON.stringify({ Statement: other }))).toBe(false);
  });
});
