import type { PreparedOn } from '../../../domain/actions/action.ts';
import type { AwsTarget } from '../../../domain/actions/target.ts';
import type { AwsAction } from '../../targets/aws/action.ts';
import type { AwsAccountFacts } from '../../targets/aws/api.ts';
import { merged, statementsOf } from '../../targets/aws/permissions.ts';

/** Calls that are asked about together: each on each resource, with the condition keys AWS would fill in. */
export interface Question {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly context: readonly { readonly key: string; readonly values: readonly string[]; readonly several: boolean }[];
}

/**
 * What a plan's own requests need, from the rules its session gets its policy from: what may be sent and what is asked about
 * cannot differ. Reading is not asked about: a person approves a change, or its way back.
 */
export function neededCalls(
  { permissions }: Pick<AwsAction, 'permissions'>,
  account: AwsAccountFacts,
  prepared: PreparedOn<AwsTarget>,
): readonly Question[] {
  const rules = prepared.undoes === undefined ? permissions.write : permissions.undo;
  return merged(statementsOf(rules, { account, prepared })).map(({ Action, Resource, Condition = {} }) => ({
    actions: Action,
    resources: Resource,
    context: Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ key, values, several: /^For(?:All|Any)/.test(operator) })),
    ),
  }));
}
