import { EXECUTABLE_ACTIONS } from '../analysis/analysis.ts';
import { writeRoleOf } from './accounts.ts';
import type { ConfigurationProblem } from './problem.ts';
import type { Configuration } from './schema.ts';

/** What a schema of one value cannot see: whether names of people, groups and clusters lead anywhere. */
export function approvalProblems(config: Configuration): readonly ConfigurationProblem[] {
  const { groups, policy, delegations } = config.approvals;
  return [
    ...repeated(groups, 'approvals.groups', ({ id }) => id, 'id'),
    ...repeated(config.approvers, 'approvers', ({ slackId }) => slackId, 'slackId'),
    ...repeated(config.approvers, 'approvers', ({ oidcSubject }) => oidcSubject, 'oidcSubject'),
    ...groups.flatMap(({ members }, index) =>
      members.flatMap((member, place) => unknownPerson(config, member, `approvals.groups[${index}].members[${place}]`)),
    ),
    ...policy.flatMap((rule, index) => policyProblems(config, rule, `approvals.policy[${index}]`)),
    ...delegations.flatMap((delegation, index) =>
      delegationProblems(config, delegation, `approvals.delegations[${index}]`),
    ),
    ...identityProblems(config),
    ...signInProblems(config),
    ...rightsSecretProblems(config),
    ...accountIdentityProblems(config),
    ...rightsRoleProblems(config),
  ];
}

function repeated<T>(
  list: readonly T[],
  path: string,
  nameOf: (item: T) => string | undefined,
  field: string,
): readonly ConfigurationProblem[] {
  const names = list.map(nameOf);
  return names.flatMap((name, index) =>
    name !== undefined && names.indexOf(name) < index
      ? [{ path: `${path}[${index}].${field}`, reason: `"${name}" is used twice; each must be unique` }]
      : [],
  );
}

function unknownPerson({ approvers }: Configuration, id: string, path: string): readonly ConfigurationProblem[] {
  return approvers.some((approver) => approver.id === id) ? [] : [{ path, reason: `no approver has the id "${id}"` }];
}

function policyProblems(
  { approvals }: Configuration,
  { ask, escalateAfterSeconds }: Configuration['approvals']['policy'][number],
  path: string,
): readonly ConfigurationProblem[] {
  const unknown = (ask ?? []).flatMap((id, place) =>
    approvals.groups.some((group) => group.id === id)
      ? []
      : [{ path: `${path}.ask[${place}]`, reason: `approvals.groups has no group "${id}"` }],
  );
  const nobodyNext = escalateAfterSeconds !== undefined && (ask?.length ?? 0) < 2;
  return nobodyNext
    ? [
        ...unknown,
        {
          path: `${path}.escalateAfterSeconds`,
          reason: 'needs at least two groups in `ask`: there is nobody to escalate to',
        },
      ]
    : unknown;
}

function delegationProblems(
  config: Configuration,
  { from, to, starts, ends }: Configuration['approvals']['delegations'][number],
  path: string,
): readonly ConfigurationProblem[] {
  return [
    ...unknownPerson(config, from, `${path}.from`),
    ...unknownPerson(config, to, `${path}.to`),
    ...(from === to ? [{ path: `${path}.to`, reason: 'must be another person than `from`' }] : []),
    ...(Date.parse(ends) > Date.parse(starts) ? [] : [{ path: `${path}.ends`, reason: 'must be later than `starts`' }]),
  ];
}

/** An identity that cannot be asked about would keep its person out of everything; better to hear of it now. */
function identityProblems({ approvers, clusters }: Configuration): readonly ConfigurationProblem[] {
  return approvers.flatMap(({ kubernetes = {} }, index) =>
    Object.keys(kubernetes).flatMap((name) => {
      const path = `approvers[${index}].kubernetes["${name}"]`;
      const cluster = clusters.find((candidate) => candidate.name === name);
      if (cluster === undefined) return [{ path, reason: `clusters names no cluster "${name}"` }];
      return cluster.rightsSecret === undefined
        ? [{ path, reason: `cluster "${name}" needs a rightsSecret, by which it is asked what somebody may do` }]
        : [];
    }),
  );
}

/** Without a subject nobody who signs in would be anybody here. */
function signInProblems({ approvals, approvers }: Configuration): readonly ConfigurationProblem[] {
  return approvals.signIn === undefined || approvers.some(({ oidcSubject }) => oidcSubject !== undefined)
    ? []
    : [{ path: 'approvals.signIn', reason: 'no approver has an oidcSubject, so nobody could sign in' }];
}

/** Rule 8: what stands on the people's edge must not be able to read a cluster, let alone change it. */
function rightsSecretProblems({ clusters }: Configuration): readonly ConfigurationProblem[] {
  const others = new Set(clusters.flatMap(({ readSecret, writeSecret }) => [readSecret, writeSecret]));
  return clusters.flatMap(({ rightsSecret }, index) =>
    rightsSecret !== undefined && others.has(rightsSecret)
      ? [
          {
            path: `clusters[${index}].rightsSecret`,
            reason: 'must be another secret than those for reading and containing',
          },
        ]
      : [],
  );
}

/** IAM answers only about roles of its own account, and only to whom it may be asked by. */
function accountIdentityProblems({ approvers, accounts }: Configuration): readonly ConfigurationProblem[] {
  return approvers.flatMap(({ aws = {} }, index) =>
    Object.entries(aws).flatMap(([id, { roleArn }]) => {
      const path = `approvers[${index}].aws["${id}"]`;
      const account = accounts.find((candidate) => candidate.id === id);
      if (account === undefined) return [{ path, reason: `accounts names no account "${id}"` }];
      if (roleArn.split(':')[4] !== id)
        return [{ path: `${path}.roleArn`, reason: `must lie in account ${id}: IAM knows roles of no other account` }];
      return account.rightsRole === undefined
        ? [{ path, reason: `account "${id}" needs a rightsRole, by which IAM is asked what somebody may do` }]
        : [];
    }),
  );
}

/** Rule 8: what stands on the people's edge must not be able to read an account, let alone change it. */
function rightsRoleProblems({ accounts }: Configuration): readonly ConfigurationProblem[] {
  return accounts.flatMap(({ rightsRole, readRole, writeRoles }, index) => {
    const ownActions = EXECUTABLE_ACTIONS.flatMap((name) =>
      (['apply', 'undo'] as const).map((use) => writeRoleOf({ writeRoles }, name, use)),
    );
    return rightsRole !== undefined && (rightsRole === readRole || ownActions.includes(rightsRole))
      ? [
          {
            path: `accounts[${index}].rightsRole`,
            reason: 'must be another role than those for reading and containing',
          },
        ]
      : [];
  });
}
