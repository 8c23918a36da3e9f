import { describe, expect, it } from 'vitest';
import { EXECUTABLE_ACTIONS } from '../../../domain/analysis/analysis.ts';
import { accountSchema } from '../../../domain/config/accounts.ts';
import { catalogue } from '../catalogue.ts';
import { generatedRoles } from './generated.ts';

const ID = '111122223333';
const DENY_ALL = `arn:aws:iam::${ID}:policy/parapet-quarantine-deny-all`;
const account = accountSchema.parse({
  id: ID,
  regions: ['eu-central-1'],
  readRole: `arn:aws:iam::${ID}:role/parapet-read`,
  writeRoles: `arn:aws:iam::${ID}:role/parapet-{action}`,
  externalIdSecret: 'parapet/aws/111122223333',
  isolationGroups: [{ vpc: 'vpc-0aa0aa0aa0aa0aa0a', group: 'sg-0d0d0d0d0d0d0d0d0' }],
  denyAllPolicy: DENY_ALL,
  protectedPrincipals: ['break-glass-*'],
});
const options = { deployment: 'parapet' };
const roles = generatedRoles(account, EXECUTABLE_ACTIONS, catalogue, options);
const allows = roles.flatMap(({ role, policy }) =>
  policy.Statement.filter(({ Effect }) => Effect === 'Allow').map((statement) => ({ role, ...statement })),
);
const denials = (name: string) =>
  roles.find(({ role }) => role.endsWith(`/${name}`))?.policy.Statement.filter(({ Effect }) => Effect === 'Deny') ?? [];

describe('generated roles', () => {
  it('are made for what is switched on and nothing else', () => {
    const names = generatedRoles(account, ['aws.isolate-instance', 'kubernetes.quarantine-pod'], catalogue, options);
    expect(names.map(({ role }) => role.split('/').at(-1))).toEqual([
      'parapet-read',
      'parapet-isolate-instance',
      'parapet-isolate-instance-undo',
    ]);
    expect(generatedRoles(account, ['kubernetes.quarantine-pod'], catalogue, options)).toEqual([]);
  });

  it('ask IAM about approvers by a role that may do that alone, about them alone', () => {
    const rightsRole = `arn:aws:iam::${ID}:role/parapet-rights`;
    const approverRoles = [`arn:aws:iam::${ID}:role/people/on-call`];
    const made = generatedRoles({ ...account, rightsRole }, EXECUTABLE_ACTIONS, catalogue, {
      ...options,
      approverRoles,
    });
    const asking = made.filter(({ role }) => role === rightsRole);
    expect(asking.map(({ functions, policy }) => ({ functions, policy }))).toEqual([
      {
        functions: ['request-approval', 'chase-approvals', 'decide', 'slack-callback'],
        policy: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['iam:SimulatePrincipalPolicy'], Resource: approverRoles }],
        },
      },
    ]);
    expect(generatedRoles({ ...account, rightsRole }, EXECUTABLE_ACTIONS, catalogue, options)).not.toContainEqual(
      expect.objectContaining({ role: rightsRole }),
    );
  });

  it('name every action: a wildcard would grow with every release of AWS', () => {
    expect(allows.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('change only what has a name: everything is reached by calls that read, and by those of the tagging service', () => {
    const everywhere = allows.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action);
    expect([...new Set(everywhere)].sort()).toEqual([
      'autoscaling:DescribeAutoScalingInstances',
      'ec2:DescribeInstances',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSnapshots',
      'iam:GetAccessKeyLastUsed',
      'tag:GetResources',
      'tag:TagResources',
      'tag:UntagResources',
    ]);
  });

  it('let the reading role change nothing', () => {
    const reads = allows.filter(({ role }) => role.endsWith('/parapet-read')).flatMap(({ Action }) => Action);
    expect(reads.filter((action) => !/^\w+:(?:Describe|Get|List)/.test(action))).toEqual([]);
  });

  it('attach and detach the one policy that denies, and no other', () => {
    const attaching = allows.filter(({ Action }) =>
      Action.some((action) => /(?:Attach|Detach)(?:Role|User)Policy$/.test(action)),
    );
    expect(attaching.length).toBeGreaterThan(3);
    for (const { Condition, Action } of attaching) {
      if (Action.every((action) => action.startsWith('iam:List'))) continue;
      expect(Condition).toEqual({ ArnEquals: { 'iam:PolicyARN': [DENY_ALL] } });
    }
  });

  it('put interfaces under the isolation group alone; only the way back may use others', () => {
    const groups = allows
      .filter(({ Action }) => Action.includes('ec2:ModifyNetworkInterfaceAttribute'))
      .map(({ role, Resource }) => [
        role.split('/').at(-1),
        Resource.filter((arn) => arn.includes(':security-group/')),
      ]);
    expect(groups).toEqual([
      ['parapet-isolate-instance', [`arn:aws:ec2:*:${ID}:security-group/sg-0d0d0d0d0d0d0d0d0`]],
      ['parapet-isolate-instance-undo', [`arn:aws:ec2:*:${ID}:security-group/*`]],
    ]);
  });

  it('deny what is protected: our own, break-glass, those of AWS, and whatever carries the tag', () => {
    const [named, tagged] = denials('parapet-revoke-role-sessions');
    expect(named).toMatchObject({
      Action: ['iam:PutRolePolicy'],
      Resource: expect.arrayContaining([
        `arn:aws:iam::${ID}:role/parapet*`,
        `arn:aws:iam::${ID}:role/break-glass-*`,
        `arn:aws:iam::${ID}:role/*/break-glass-*`,
        `arn:aws:iam::${ID}:role/aws-service-role/*`,
        `arn:aws:iam::${ID}:role/aws-reserved/*`,
      ]),
    });
    expect(tagged).toEqual({
      Effect: 'Deny',
      Action: ['iam:PutRolePolicy'],
      Resource: ['*'],
      Condition: { StringEquals: { 'aws:ResourceTag/ir:protected': ['true'] } },
    });
  });

  it('trust the one function that needs them, with the external id, a person and an incident', () => {
    const change = roles.find(({ role }) => role.endsWith('/parapet-deny-all'));
    expect(change?.trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { AWS: ['{role of function parapet-execute}'] },
        Action: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
        Condition: {
          StringEquals: { 'sts:ExternalId': ['{externalId of parapet/aws/111122223333}'] },
          StringLike: {
            'sts:RoleSessionName': ['inc-*'],
            'sts:SourceIdentity': ['*'],
            'aws:RequestTag/incident': ['inc-*'],
          },
        },
      },
    ]);
  });

  it('have no right to attach anything where no policy is configured', () => {
    const { denyAllPolicy: _, ...without } = account;
    const [, attach] = generatedRoles(without, ['aws.deny-all'], catalogue, options);
    expect(attach?.policy.Statement.flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []))).toEqual([
      'iam:GetRole',
      'iam:ListAttachedRolePolicies',
      'iam:GetUser',
      'iam:ListAttachedUserPolicies',
    ]);
  });
});
