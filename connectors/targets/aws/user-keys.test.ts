import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, sampleAccount, startAccount, type TestAccount } from '../../../test/contract/aws-account.ts';
import { iamUserIn, readUserKeys } from './user-keys.ts';

const AT = '2026-02-01T10:00:00.000Z';
const ARN = `arn:aws:iam::${ACCOUNT}:user/ci/deployer`;
const USER = { account: ACCOUNT, arn: ARN, name: 'deployer' };

let on: TestAccount;
beforeEach(async () => {
  on = await startAccount({
    state: sampleAccount({
      users: [
        {
          name: 'deployer',
          path: '/ci/',
          id: 'AIDADEPLOYER',
          keys: [
            { id: 'AKIANEVERUSED0000001', created: '2025-06-01T00:00:00Z' },
            { id: 'AKIASETINACTIVE00001', status: 'Inactive', lastUsed: '2025-01-01T00:00:00Z' },
          ],
        },
      ],
    }),
  });
});
afterEach(() => on.close());

describe('the keys of an IAM user', () => {
  it('are what IAM lists, each with its status and last use', async () => {
    const drafts = await readUserKeys(on.read, USER, AT);
    expect(drafts.map(({ source, trust, fact }) => ({ source, trust, ...fact }))).toEqual([
      {
        source: 'cloud_api',
        trust: 'own',
        kind: 'access-key',
        accessKeyId: 'AKIANEVERUSED0000001',
        user: 'deployer',
        account: ACCOUNT,
        status: 'active',
        createdAt: '2025-06-01T00:00:00.000Z',
        basis: 'IAM lists it, and knows of no use',
      },
      {
        source: 'cloud_api',
        trust: 'own',
        kind: 'access-key',
        accessKeyId: 'AKIASETINACTIVE00001',
        user: 'deployer',
        account: ACCOUNT,
        status: 'inactive',
        createdAt: '2022-05-01T08:00:00.000Z',
        lastUsedAt: '2025-01-01T00:00:00.000Z',
        basis: 'IAM lists it',
      },
    ]);
  });

  it.each([
    ['never', undefined],
    ['at no time anybody can read', { UserName: 'deployer', AccessKeyLastUsed: { LastUsedDate: 'yesterday' } }],
    ['by another user', { UserName: 'mallory', AccessKeyLastUsed: { LastUsedDate: '2025-01-01T00:00:00Z' } }],
  ])('are a gap where IAM does not say when they were used (%s) - unknown must not read as unused', async (_, use) => {
    const drafts = await readUserKeys({ ...on.read, getAccessKeyUse: async () => use }, USER, AT);
    expect(drafts.map(({ fact }) => fact.kind)).toEqual(['gap', 'gap']);
  });

  it('are a gap of an account nobody configured, of a user of the same name with another path, and where IAM is denied', async () => {
    on.roles[on.configuration.readRole] = { policy: { Statement: [] }, needsPerson: false };
    const gaps = [
      ...(await readUserKeys(undefined, USER, AT)),
      ...(await readUserKeys(on.read, USER, AT)),
      ...(await readUserKeys({ ...on.read, getUser: async () => undefined }, { ...USER, name: 'deployer' }, AT)),
    ].map(({ fact }) => (fact.kind === 'gap' ? `${fact.missing}: ${fact.reason}` : fact.kind));
    expect(gaps).toEqual([
      `access keys of IAM user deployer: AWS account ${ACCOUNT} is not in the configuration`,
      expect.stringContaining('is not authorized to perform: iam:GetUser'),
      `access keys of IAM user deployer: account ${ACCOUNT} has no user with the ARN ${ARN}`,
    ]);
  });
});

describe('iamUserIn', () => {
  const resource = { kind: 'resource', account: ACCOUNT, resourceType: 'iam user', name: 'deployer' } as const;

  it('is the user of an alert that names it by its ARN', () => {
    expect(iamUserIn({ ...resource, uid: ARN })).toEqual(USER);
  });

  it.each([
    ['a name alone', {}],
    ['a role', { uid: `arn:aws:iam::${ACCOUNT}:role/deployer` }],
    ['the root user', { uid: `arn:aws:iam::${ACCOUNT}:root` }],
    ['a path that leaves the user', { uid: `arn:aws:iam::${ACCOUNT}:user/a b` }],
  ])('is nobody for %s', (_, change) => {
    expect(iamUserIn({ ...resource, ...change })).toBeUndefined();
  });
});
