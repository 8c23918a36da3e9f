import type { ActionClass } from '../actions/action.ts';
import { ACTION_TRAITS } from '../actions/traits.ts';
import type { ExecutableAction } from '../analysis/analysis.ts';
import type { Severity } from '../severity.ts';
import type { Workload } from '../workload.ts';
import type { ApproverConfiguration, Configuration, Scope } from './schema.ts';

export interface Placement {
  readonly account?: string | undefined;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  readonly environment?: string | undefined;
}

/** What a right is asked about: an action at a place, in an incident of a severity. */
export interface RightQuestion {
  readonly action: ExecutableAction;
  readonly place: Placement;
  readonly severity: Severity;
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

/** Whether a rule (a right, a policy) is about this. A severity that is not listed is not covered. */
export function ruleMatches(
  rule: {
    readonly actions: readonly (ExecutableAction | ActionClass | '*')[];
    readonly scope: Scope;
    readonly severities?: readonly Severity[] | undefined;
  },
  { action, place, severity }: RightQuestion,
): boolean {
  return (
    rule.actions.some((name) => name === '*' || name === action || name === ACTION_TRAITS[action].class) &&
    scopeMatches(rule.scope, place) &&
    (rule.severities === undefined || rule.severities.includes(severity))
  );
}

export function hasRight({ may }: ApproverConfiguration, question: RightQuestion): boolean {
  return may.some((right) => ruleMatches(right, question));
}
