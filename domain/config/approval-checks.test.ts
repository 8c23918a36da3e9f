import { describe, expect, it } from 'vitest';
import { writtenConfiguration } from '../../test/fakes/configuration.ts';
import { ConfigurationError, parseConfiguration } from './parse.ts';

const person = (id: string, more: object = {}) => ({
  id,
  name: id,
  mail: `${id}@example.com`,
  may: [{ actions: ['*'] }],
  ...more,
});
const cluster = {
  name: 'prod-eks',
  server: 'https://kubernetes.example.com',
  readSecret: 'parapet/read',
  writeSecret: 'parapet/write',
  rightsSecret: 'parapet/rights',
};

function problemsOf(change: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    parseConfiguration(writtenConfiguration({ approvers: [person('ada'), person('grace')], ...change }));
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path }) => path);
    throw error;
  }
}
const approvals = (change: object) => problemsOf({ approvals: change });
const period = { starts: '2026-01-01T00:00:00Z', ends: '2026-01-08T00:00:00Z' };

describe('names in the configuration of approvals', () => {
  it('may all lead somewhere', () => {
    const good = {
      clusters: [cluster],
      approvers: [
        person('ada', { slackId: 'U0123456789', oidcSubject: 'a', kubernetes: { 'prod-eks': { username: 'ada' } } }),
        person('grace', { may: [{ actions: ['network-isolation', 'kubernetes.annotate'], severities: ['critical'] }] }),
      ],
      approvals: {
        groups: [
          {
            id: 'day',
            members: ['ada'],
            duty: { timeZone: 'Europe/Berlin', windows: [{ days: ['mon'], from: '09:00', to: '17:00' }] },
          },
          { id: 'on-call', members: ['grace'] },
        ],
        policy: [{ ask: ['day', 'on-call'], escalateAfterSeconds: 600, quorum: 2 }],
        delegations: [{ from: 'ada', to: 'grace', ...period }],
      },
    };
    expect(problemsOf(good)).toEqual([]);
  });

  it.each([
    [
      'a group with somebody nobody knows',
      { groups: [{ id: 'day', members: ['eve'] }] },
      ['approvals.groups[0].members[0]'],
    ],
    [
      'two groups of one name',
      {
        groups: [
          { id: 'day', members: ['ada'] },
          { id: 'day', members: ['ada'] },
        ],
      },
      ['approvals.groups[1].id'],
    ],
    ['a policy that asks a group that is not there', { policy: [{ ask: ['night'] }] }, ['approvals.policy[0].ask[0]']],
    [
      'an escalation to nobody',
      { policy: [{ escalateAfterSeconds: 600 }] },
      ['approvals.policy[0].escalateAfterSeconds'],
    ],
    [
      'a delegation to oneself',
      { delegations: [{ from: 'ada', to: 'ada', ...period }] },
      ['approvals.delegations[0].to'],
    ],
    [
      'a delegation to a stranger',
      { delegations: [{ from: 'ada', to: 'eve', ...period }] },
      ['approvals.delegations[0].to'],
    ],
    [
      'a delegation that ends before it starts',
      { delegations: [{ from: 'ada', to: 'grace', starts: period.ends, ends: period.starts }] },
      ['approvals.delegations[0].ends'],
    ],
    ['a quorum of nobody', { policy: [{ quorum: 0 }] }, ['approvals.policy[0].quorum']],
    [
      'a time zone that does not exist',
      {
        groups: [
          {
            id: 'day',
            members: ['ada'],
            duty: { timeZone: 'Mars/Olympus', windows: [{ days: ['mon'], from: '09:00', to: '17:00' }] },
          },
        ],
      },
      ['approvals.groups[0].duty.timeZone'],
    ],
  ])('may not be %s', (_, change, paths) => {
    expect(approvals(change)).toEqual(paths);
  });

  it.each([
    [
      'of a cluster that is not configured',
      { kubernetes: { other: { username: 'ada' } } },
      [cluster],
      'approvers[0].kubernetes["other"]',
    ],
    [
      'of a cluster that cannot be asked',
      { kubernetes: { 'prod-eks': { username: 'ada' } } },
      [{ ...cluster, rightsSecret: undefined }],
      'approvers[0].kubernetes["prod-eks"]',
    ],
  ])('may not be an identity %s - it would keep its person out of everything', (_, identity, clusters, path) => {
    expect(problemsOf({ clusters, approvers: [person('ada', identity)] })).toEqual([path]);
  });

  it('may not be the same Slack member or the same subject for two people', () => {
    const both = { slackId: 'U0123456789', oidcSubject: 'a' };
    expect(problemsOf({ approvers: [person('ada', both), person('grace', both)] })).toEqual([
      'approvers[1].slackId',
      'approvers[1].oidcSubject',
    ]);
  });

  it('may not name a sign-in that is nobody - it would look as if people could approve', () => {
    const approvals = { signIn: { issuer: 'https://login.example.com', clientId: 'parapet' } };
    expect(problemsOf({ approvals, approvers: [person('ada', {})] })).toEqual(['approvals.signIn']);
    expect(problemsOf({ approvals, approvers: [person('ada', { oidcSubject: 'a' })] })).toEqual([]);
  });

  it.each(['http://login.example.com', 'https://login.example.com?tenant=a', 'https://login.example.com#a'])(
    'may not name %s as an issuer - its answers could not be held against it',
    (issuer) => {
      const approvals = { signIn: { issuer, clientId: 'parapet' } };
      expect(problemsOf({ approvals, approvers: [person('ada', { oidcSubject: 'a' })] })).toEqual([
        'approvals.signIn.issuer',
      ]);
    },
  );

  it('may not make the secret for asking about rights one that opens more (rule 8)', () => {
    expect(problemsOf({ clusters: [{ ...cluster, rightsSecret: cluster.readSecret }] })).toEqual([
      'clusters[0].rightsSecret',
    ]);
  });
});

describe('roles of approvers in AWS accounts', () => {
  const account = {
    id: '111122223333',
    regions: ['eu-central-1'],
    readRole: 'arn:aws:iam::111122223333:role/parapet-read',
    writeRoles: 'arn:aws:iam::111122223333:role/parapet-{action}',
    rightsRole: 'arn:aws:iam::111122223333:role/parapet-rights',
  };
  const { rightsRole: _, ...unasked } = account;
  const ada = (roleArn: string, id = '111122223333') => [person('ada', { aws: { [id]: { roleArn } } })];
  const role = 'arn:aws:iam::111122223333:role/people/on-call';

  it.each([
    ['may be asked about', { accounts: [account], approvers: ada(role) }, []],
    ['lie in an account nobody named', { accounts: [], approvers: ada(role) }, ['approvers[0].aws["111122223333"]']],
    [
      'lie in another account, whose IAM alone knows them',
      { accounts: [account], approvers: ada('arn:aws:iam::444455556666:role/on-call') },
      ['approvers[0].aws["111122223333"].roleArn'],
    ],
    ['cannot be asked about', { accounts: [unasked], approvers: ada(role) }, ['approvers[0].aws["111122223333"]']],
    [
      'are asked about by the role that reads',
      { accounts: [{ ...account, rightsRole: account.readRole }], approvers: ada(role) },
      ['accounts[0].rightsRole'],
    ],
    [
      'are asked about by a role that changes',
      { accounts: [{ ...account, rightsRole: 'arn:aws:iam::111122223333:role/parapet-isolate-instance-undo' }] },
      ['accounts[0].rightsRole'],
    ],
    [
      'are asked about by a role of another account',
      { accounts: [{ ...account, rightsRole: 'arn:aws:iam::444455556666:role/parapet-rights' }] },
      ['accounts[0].rightsRole'],
    ],
    [
      'are users',
      { accounts: [account], approvers: ada('arn:aws:iam::111122223333:user/ada') },
      ['approvers[0].aws["111122223333"].roleArn'],
    ],
  ])('%s', (__, change, paths) => {
    expect(problemsOf(change)).toEqual(paths);
  });
});
