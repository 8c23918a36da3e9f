import type { PreparedAction } from '../../domain/actions/action.ts';
import type { ApproverConfiguration, Configuration } from '../../domain/config/schema.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { type ClusterRights, clusterRights } from './kubernetes/cluster-rights.ts';
import type { LiveAnswer, LiveRights } from './port.ts';

/** Asks the system an action acts on. Systems nobody has an identity in are not asked. */
export function liveRights(kubernetes: ClusterRights): LiveRights {
  const of = async (person: ApproverConfiguration, prepared: PreparedAction): Promise<LiveAnswer> =>
    prepared.target.system === 'kubernetes'
      ? await kubernetes.check(person, prepared.target.cluster, prepared.requests)
      : { right: 'not-configured' };
  return {
    // Whose right is used must have it as well as who uses it: nobody can hand on what was taken from them.
    async check({ person, onBehalfOf }, prepared) {
      const answers = await Promise.all(
        [person, ...(onBehalfOf === undefined ? [] : [onBehalfOf])].map((one) => of(one, prepared)),
      );
      return answers.find(({ right }) => right === 'no') ?? answers[0] ?? { right: 'not-configured' };
    },
  };
}

/** As it is used in a function. */
export function configuredRights(config: Configuration, secrets: Secrets): LiveRights {
  return liveRights(clusterRights(config.clusters, secrets));
}
