import { ACTION_TRAITS } from '../actions/traits.ts';
import type { ExecutableAction } from '../analysis/analysis.ts';
import type { Configuration } from '../config/schema.ts';

/**
 * Why this action may not be approved by who merely holds a link, or clicks in a chat; undefined: it may. A link can be
 * forwarded and an account can be left open, so what cannot be undone or reaches far needs a person that is proven. It is
 * about approving alone: a rejection by mistake leaves everything as it is.
 */
export function whyNotByLink(
  { approvals }: Pick<Configuration, 'approvals'>,
  action: ExecutableAction,
): string | undefined {
  const { class: ofClass, reversible, wide } = ACTION_TRAITS[action];
  if (!reversible) return 'it cannot be undone';
  if (wide) return 'it reaches further than one replica or one credential';
  return approvals.linkMayApprove.includes(ofClass)
    ? undefined
    : `actions of class ${ofClass} are not among those the configuration lets a link approve`;
}

export function mayDecideByLink(config: Pick<Configuration, 'approvals'>, action: ExecutableAction): boolean {
  return whyNotByLink(config, action) === undefined;
}
