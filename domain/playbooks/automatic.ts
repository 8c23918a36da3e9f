import type { ActionTarget } from '../actions/target.ts';
import { ACTION_TRAITS, whyFourEyes } from '../actions/traits.ts';
import type { ExecutableAction } from '../analysis/analysis.ts';
import type { Configuration } from '../config/schema.ts';
import { type Placement, rolloutOf } from '../config/scope.ts';
import type { Assessment } from './assessment.ts';

/**
 * Why an action must not be executed without a person, in sentences; none: it may. Closed by default (rule 9): everything here must
 * be said by the configuration or hold by facts, and it is asked when the plan is made and again right before anything is sent.
 */
export function whyNotAutomatic(
  config: Configuration,
  of: {
    readonly action: ExecutableAction;
    readonly target: ActionTarget;
    readonly place: Placement;
    readonly assessment: Assessment | undefined;
  },
): readonly string[] {
  const { action, target, assessment } = of;
  const { phase } = rolloutOf(config, of.place);
  const { reversible, wide } = ACTION_TRAITS[action];
  return [
    phase === 'automate' ? undefined : `The rollout phase here is ${phase}.`,
    assessment === undefined ? 'No playbook is named for this action here.' : undefined,
    ...(assessment?.conditions ?? []).map(({ what, holds }) =>
      holds ? undefined : `Playbook ${assessment?.playbook} does not act by itself: it does not hold that ${what}.`,
    ),
    config.actions[action]?.gate === 'ask' ? undefined : 'The configuration lets this action be suggested only.',
    // Rule 5; the registry's test says the same of every playbook.
    reversible && !wide && whyFourEyes(action, target) === undefined
      ? undefined
      : 'It cannot be undone, or reaches too far to be done without a person.',
    config.destinations.chat === undefined ? 'There is no chat channel in which it would be told.' : undefined,
  ].filter((reason) => reason !== undefined);
}
