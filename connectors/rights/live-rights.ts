import type { PreparedAction } from '../../domain/actions/action.ts';
import type { ApproverConfiguration, Configuration } from '../../domain/config/schema.ts';
import type { AwsCredentials } from '../aws/signature.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { AccountRights } from './aws/account-rights.ts';
import { type ClusterRights, clusterRights } from './kubernetes/cluster-rights.ts';
import type { LiveAnswer, LiveRights } from './port.ts';

/** Asks the system an action acts on. Systems nobody has an identity in are not asked. */
export function liveRights(of: { readonly kubernetes: ClusterRights; readonly aws: AccountRights }): LiveRights {
  const ask = async (person: ApproverConfiguration, prepared: PreparedAction): Promise<LiveAnswer> => {
    const { target } = prepared;
    switch (target.system) {
      case 'kubernetes':
        return await of.kubernetes.check(person, target.cluster, prepared.requests);
      case 'aws':
        return await of.aws.check(person, { ...prepared, target });
      case 'vendor':
        return { right: 'not-configured' };
    }
  };
  return {
    // Whose right is used must have it as well as who uses it: nobody can hand on what was taken from them.
    async check({ person, onBehalfOf }, prepared) {
      const answers = await Promise.all(
        [person, ...(onBehalfOf === undefined ? [] : [onBehalfOf])].map((one) => ask(one, prepared)),
      );
      return answers.find(({ right }) => right === 'no') ?? answers[0] ?? { right: 'not-configured' };
    },
  };
}

/** As it is used in a function, whose own credentials may assume the roles for asking. */
export function configuredRights(
  config: Configuration,
  secrets: Secrets,
  credentials: () => Promise<AwsCredentials>,
): LiveRights {
  let made: Promise<AccountRights> | undefined;
  return liveRights({
    kubernetes: clusterRights(config.clusters, secrets),
    aws: {
      async check(person, prepared) {
        if (person.aws?.[prepared.target.account] === undefined) return { right: 'not-configured' };
        made ??= accountRightsOf(config, secrets, credentials);
        return await (await made).check(person, prepared);
      },
    },
  });
}

/** Loaded when somebody is first asked about: the page for an action in a cluster must not wait for those on AWS. */
async function accountRightsOf(
  { accounts }: Configuration,
  secrets: Secrets,
  credentials: () => Promise<AwsCredentials>,
): Promise<AccountRights> {
  const [{ accountRights }, { realSessionDeps }] = await Promise.all([
    import('./aws/account-rights.ts'),
    import('../targets/aws/accounts.ts'),
  ]);
  return accountRights(accounts, realSessionDeps(secrets, credentials));
}
