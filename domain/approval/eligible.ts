import type { ApproverConfiguration, Configuration } from '../config/schema.ts';
import { hasRight, type RightQuestion } from '../config/scope.ts';
import { couldProve } from './proof.ts';

/** Somebody who may decide, by a right of their own or by one that was delegated to them. */
export interface Eligible {
  readonly person: ApproverConfiguration;
  /** Whose right it is, where it is not their own. */
  readonly onBehalfOf?: ApproverConfiguration;
}

/**
 * Who may decide about this now, in the order of the configuration. A right of one's own goes before a delegated one, and
 * what was delegated cannot be delegated further. Where it takes a sign-in, who decides must be able to.
 */
export function eligiblePeople(config: Configuration, question: RightQuestion, now: Date): readonly Eligible[] {
  const withRight = config.approvers.filter((approver) => hasRight(approver, question));
  return config.approvers.flatMap((person): Eligible[] => {
    if (!couldProve(config, question.action, person)) return [];
    if (withRight.includes(person)) return [{ person }];
    const onBehalfOf = withRight.find(({ id }) =>
      config.approvals.delegations.some(
        ({ from, to, starts, ends }) =>
          from === id && to === person.id && Date.parse(starts) <= now.getTime() && now.getTime() < Date.parse(ends),
      ),
    );
    return onBehalfOf === undefined ? [] : [{ person, onBehalfOf }];
  });
}

export function idOf({ person }: Eligible): string {
  return person.id;
}

/** Whose right is used: a person and whoever decides in their place are one pair of eyes, not two. */
export function holderOf({ person, onBehalfOf }: Eligible): string {
  return onBehalfOf?.id ?? person.id;
}

/** How many of them could agree as different people. */
export function voicesOf(people: readonly Eligible[]): number {
  return new Set(people.map(holderOf)).size;
}
