import type { PreparedAction } from '../../domain/actions/action.ts';
import type { Eligible } from '../../domain/approval/eligible.ts';

/**
 * `not-configured`: nobody said who the person is to that system, so the configuration's rights are all there is. `no`: the
 * system says no, or could not be asked (rule 9: a guard that cannot be evaluated refuses); the reason is for people.
 */
export type LiveAnswer =
  | { readonly right: 'yes' | 'not-configured' }
  | { readonly right: 'no'; readonly reason: string };

/** Whether somebody could do themselves, at this moment, what they are asked to approve. Never throws for what it cannot find out. */
export interface LiveRights {
  check(one: Eligible, prepared: PreparedAction): Promise<LiveAnswer>;
}
