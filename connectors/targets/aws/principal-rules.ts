import type { IamRule, RuleScope } from './permissions.ts';
import { principalIn } from './protection.ts';

/** Calls on the one role or user of the plan; for the role of the action, on any, minus what its policy denies. */
export function onPrincipals(
  kinds: readonly ('role' | 'user')[],
  actions: readonly string[],
  why: string,
  conditions?: (scope: RuleScope) => ReturnType<IamRule['reach']>['conditions'],
): IamRule {
  return {
    actions,
    why,
    reach: (scope) => {
      const held = conditions?.(scope);
      return { resources: arnsOf(kinds, scope), ...(held === undefined ? {} : { conditions: held }) };
    },
  };
}

function arnsOf(kinds: readonly ('role' | 'user')[], { account, prepared }: RuleScope): string[] {
  const arn = prepared?.target.arn;
  const named = arn === undefined ? undefined : principalIn(arn);
  if (arn !== undefined && named !== undefined) return kinds.includes(named.kind) ? [arn] : [];
  return kinds.map((kind) => `arn:aws:iam::${account.id}:${kind}/*`);
}
