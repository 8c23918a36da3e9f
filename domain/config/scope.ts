import type { Workload } from '../workload.ts';
import type { Configuration, Scope } from './schema.ts';

export interface Placement {
  readonly account?: string | undefined;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  readonly environment?: string | undefined;
}

/** Where a workload lives, in the words scopes are written in. The environment is the cluster's, from the configuration. */
export function placementOf(config: Configuration, workload: Workload): Placement {
  if (workload.kind !== 'pod') return { account: workload.account };
  return {
    account: workload.account,
    cluster: workload.cluster,
    namespace: workload.namespace,
    environment: config.clusters.find(({ name }) => name === workload.cluster)?.environment,
  };
}

export function scopeMatches(scope: Scope, place: Placement): boolean {
  return (['account', 'cluster', 'namespace', 'environment'] as const).every((field) => {
    const wanted = scope[field];
    return wanted === undefined || wanted === '*' || wanted === place[field];
  });
}

/** Phase and approval expiry of a place; what no rule names is in `observe` (rule 9: closed by default). */
export function rolloutOf(
  config: Configuration,
  place: Placement,
): { readonly phase: 'observe' | 'assist' | 'automate'; readonly expiresAfterSeconds: number } {
  const rule = config.rollout.find(({ scope }) => scopeMatches(scope, place));
  return {
    phase: rule?.phase ?? 'observe',
    expiresAfterSeconds: rule?.approvalExpiresAfterSeconds ?? config.approvals.expiresAfterSeconds,
  };
}

/** Approvers who may do this action at this place, in the order of the configuration. */
export function eligibleApprovers(config: Configuration, action: string, place: Placement): readonly string[] {
  return config.approvers
    .filter(({ may }) =>
      may.some(
        (right) => right.actions.some((name) => name === '*' || name === action) && scopeMatches(right.scope, place),
      ),
    )
    .map(({ id }) => id);
}
