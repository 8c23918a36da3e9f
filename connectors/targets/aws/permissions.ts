import type { PreparedOn } from '../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../domain/actions/target.ts';
import type { AwsAccountFacts } from './api.ts';

export type IamConditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface IamStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: IamConditions;
}

export interface IamPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly IamStatement[];
}

/** With a plan: for the session of this one action. Without: for the role, which serves every target of the account. */
export interface RuleScope {
  readonly account: AwsAccountFacts;
  readonly prepared?: PreparedOn<AwsTarget> | undefined;
}

/** Some calls of one action, and what they may reach. From these both the roles' and the sessions' policies are made. */
export interface IamRule {
  readonly actions: readonly string[];
  readonly why: string;
  reach(scope: RuleScope): { readonly resources: readonly string[]; readonly conditions?: IamConditions };
}

export interface AwsPermissions {
  /** What `prepare`, `verify` and the reading before every change need. */
  readonly read: readonly IamRule[];
  readonly write: readonly IamRule[];
  /** Of the way back, which is another role: it needs what the change itself must not have. Empty: there is none. */
  readonly undo: readonly IamRule[];
}

/** Calls that IAM cannot hold to a resource; all of them only read. */
export function readingAll(actions: readonly string[], why: string): IamRule {
  return { actions, why, reach: () => ({ resources: ['*'] }) };
}

/** The limit of AWS for the policy of a session, in characters without white space. */
export const MAX_SESSION_POLICY = 2048;

export function statementOf(rule: IamRule, scope: RuleScope): IamStatement {
  const { resources, conditions } = rule.reach(scope);
  return {
    Effect: 'Allow',
    Action: rule.actions,
    Resource: resources,
    ...(conditions === undefined ? {} : { Condition: conditions }),
  };
}

/** A rule that reaches nothing here (a user's, where the target is a role) is no statement. */
export function statementsOf(rules: readonly IamRule[], scope: RuleScope): IamStatement[] {
  return rules.map((rule) => statementOf(rule, scope)).filter(({ Resource }) => Resource.length > 0);
}

/** What one session may do: the intersection with the role's policy leaves exactly the calls of this plan on its targets. */
export function sessionPolicyOf(rules: readonly IamRule[], scope: RuleScope): IamPolicy {
  return { Version: '2012-10-17', Statement: merged(statementsOf(rules, scope)) };
}

/** Statements that reach the same things are one: the policy of a session must stay short. */
export function merged(statements: readonly IamStatement[]): IamStatement[] {
  const byReach = new Map<string, IamStatement>();
  for (const statement of statements) {
    const { Action, ...reach } = statement;
    const key = JSON.stringify([reach.Effect, reach.Resource, reach.Condition]);
    const known = byReach.get(key);
    byReach.set(key, { ...reach, Action: [...new Set([...(known?.Action ?? []), ...Action])].sort() });
  }
  return [...byReach.values()];
}
