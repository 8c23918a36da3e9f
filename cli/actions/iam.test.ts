import { describe, expect, it } from 'vitest';
import { sampleConfiguration } from '../../test/fakes/planning.ts';
import { SetupError } from '../setup-error.ts';
import { rolesOf } from './iam.ts';

const account = {
  id: '111122223333',
  regions: ['eu-central-1'],
  readRole: 'arn:aws:iam::111122223333:role/parapet-read',
  writeRoles: 'arn:aws:iam::111122223333:role/parapet-{action}',
};

describe('rolesOf', () => {
  it('gives the roles of the actions people may approve, and of none that is only suggested', () => {
    const actions = { 'aws.tag-resource': { gate: 'ask' }, 'aws.isolate-instance': { gate: 'suggest' } };
    const [made] = rolesOf(sampleConfiguration({ accounts: [account], actions }));
    expect(made?.account).toBe('111122223333');
    expect(made?.roles.map(({ role }) => role.split('/').at(-1))).toEqual([
      'parapet-read',
      'parapet-tag-resource',
      'parapet-tag-resource-undo',
    ]);
  });

  it('gives the role for asking about approvers, where some have a role in the account', () => {
    const rightsRole = 'arn:aws:iam::111122223333:role/parapet-rights';
    const roleArn = 'arn:aws:iam::111122223333:role/on-call';
    const approvers = ['ada', 'lin'].map((id) => ({
      id,
      name: id,
      mail: `${id}@example.com`,
      aws: { '111122223333': { roleArn } },
      may: [{ actions: ['*'] }],
    }));
    const actions = { 'aws.tag-resource': { gate: 'ask' } };
    const [made] = rolesOf(sampleConfiguration({ accounts: [{ ...account, rightsRole }], actions, approvers }));
    expect(made?.roles.find(({ role }) => role === rightsRole)?.policy.Statement).toEqual([
      { Effect: 'Allow', Action: ['iam:SimulatePrincipalPolicy'], Resource: [roleArn] },
    ]);
  });

  it('says that there is no account, rather than printing nothing', () => {
    expect(() => rolesOf(sampleConfiguration())).toThrow(SetupError);
  });
});
