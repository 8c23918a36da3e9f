import * as z from 'zod';
import type { PlannedRequest } from '../../../domain/actions/action.ts';
import type { ClusterIdentity } from '../../../domain/config/rights.ts';
import type { ApproverConfiguration, ClusterConfiguration } from '../../../domain/config/schema.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import { TargetError } from '../../targets/errors.ts';
import { KUBERNETES_LIMITS, type KubernetesApi, kubernetesApi } from '../../targets/kubernetes/client.ts';
import { realDeps } from '../../targets/kubernetes/clusters.ts';
import type { LiveAnswer } from '../port.ts';
import { inWords, neededRights, type ResourceAttributes, UnknownPathError } from './needed.ts';

export interface ClusterRights {
  check(person: ApproverConfiguration, cluster: string, requests: readonly PlannedRequest[]): Promise<LiveAnswer>;
}

/** A person waits for the page meanwhile. */
const LIMITS = { ...KUBERNETES_LIMITS, timeoutMs: 3000, attempts: 2, maxWaitMs: 500, maxAnswerBytes: 65_536 };

const reviewSchema = z.object({
  status: z.object({
    allowed: z.boolean(),
    denied: z.boolean().default(false),
    evaluationError: z.string().optional(),
  }),
});

/** `apiOf` is replaced in tests that need no cluster. */
export function clusterRights(
  clusters: readonly ClusterConfiguration[],
  secrets: Secrets,
  apiOf: (cluster: ClusterConfiguration, rightsSecret: string) => KubernetesApi = (cluster, rightsSecret) =>
    kubernetesApi(cluster, rightsSecret, { ...realDeps(secrets), limits: LIMITS }),
): ClusterRights {
  return {
    async check(person, name, requests) {
      const identity = person.kubernetes?.[name];
      if (identity === undefined) return { right: 'not-configured' };
      const cluster = clusters.find((candidate) => candidate.name === name);
      if (cluster?.rightsSecret === undefined) return unknown(person, name, 'the cluster cannot be asked about rights');
      try {
        const needed = neededRights(requests);
        // No request asks for no right, and that would be a yes nobody gave.
        if (needed.length === 0) return unknown(person, name, 'the plan holds no request');
        const api = apiOf(cluster, cluster.rightsSecret);
        const answers = await Promise.all(needed.map(async (one) => [one, await allows(api, identity, one)] as const));
        const missing = answers.flatMap(([one, allowed]) => (allowed ? [] : [inWords(one)]));
        return missing.length === 0
          ? { right: 'yes' }
          : { right: 'no', reason: `In cluster ${name}, ${person.name} may not ${missing.join(', and not ')}.` };
      } catch (error) {
        if (!(error instanceof TargetError || error instanceof UnknownPathError)) throw error;
        return unknown(person, name, error.message);
      }
    },
  };
}

function unknown(person: ApproverConfiguration, cluster: string, why: string): LiveAnswer {
  return { right: 'no', reason: `What ${person.name} may do in cluster ${cluster} could not be found out: ${why}.` };
}

/** Every user who signed in is in this group; a review does not add it by itself. */
const EVERYBODY = 'system:authenticated';

/** One SubjectAccessReview. Repeating it changes nothing, so it is repeated as a read is. @throws TargetError */
async function allows(
  api: KubernetesApi,
  { username, groups }: ClusterIdentity,
  resourceAttributes: ResourceAttributes,
): Promise<boolean> {
  const answer = await api.call({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    contentType: 'application/json',
    body: JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: username, groups: [...new Set([...groups, EVERYBODY])], resourceAttributes },
    }),
    repeat: 'read',
  });
  const review = reviewSchema.safeParse(answer);
  if (!review.success) {
    throw new TargetError('unusable', 'a SubjectAccessReview was answered without a usable status', {
      cause: review.error,
    });
  }
  const { allowed, denied, evaluationError } = review.data.status;
  // An authoriser that failed may be the one that would have allowed it: that is no "no", but not a yes either.
  if (!allowed && !denied && evaluationError !== undefined) {
    throw new TargetError('unusable', `the cluster could not evaluate it: ${evaluationError.slice(0, 200)}`);
  }
  return allowed && !denied;
}
