import type { Question } from './needed.ts';
import type { Evaluation } from './simulation.ts';

/**
 * `denied`: IAM says no, about each of these calls. `unknown`: it did not say yes and not no; why is for people. Only what
 * was answered with "allowed" for every call on every resource is allowed.
 */
export type Judgement =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied'; readonly calls: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: string };

export function judge({ actions, resources }: Question, evaluations: readonly Evaluation[]): Judgement {
  const each = actions.flatMap((action) =>
    resources.map((resource) => ({
      call: `${action} on ${resource}`,
      found: evaluations.filter(
        (one) => one.resource === resource && one.action.toLowerCase() === action.toLowerCase(),
      ),
    })),
  );
  const denied = each.flatMap(({ call, found }) => {
    const refusal = found.find(({ decision }) => decision !== 'allowed');
    if (refusal === undefined) return [];
    const needs = refusal.missing.length === 0 ? '' : `, without ${refusal.missing.join(', ')}`;
    return [`${call} (${refusal.decision}${needs})`];
  });
  if (denied.length > 0) return { kind: 'denied', calls: denied };
  const silent = each.find(({ found }) => found.length === 0);
  if (silent !== undefined) return { kind: 'unknown', why: `IAM did not say anything about ${silent.call}` };
  // A denial that holds under a condition may be among what could not be evaluated.
  const open = each.find(({ found }) => found.some(({ missing }) => missing.length > 0));
  if (open === undefined) return { kind: 'allowed' };
  const keys = [...new Set(open.found.flatMap(({ missing }) => missing))];
  return { kind: 'unknown', why: `whether it allows ${open.call} depends on ${keys.join(', ')}` };
}
