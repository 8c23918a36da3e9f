import type { LoadedAction } from '../../connectors/planned/load.ts';
import { ACTION_TRAITS } from '../../domain/actions/traits.ts';
import { eligiblePeople, idOf, voicesOf } from '../../domain/approval/eligible.ts';
import { caseOf } from '../../domain/approval/link.ts';
import { policyFor } from '../../domain/approval/policy.ts';
import { whyNobodyCouldProve } from '../../domain/approval/proof.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { rolloutOf } from '../../domain/config/scope.ts';

/** Why this action is not put back by Parapet here, whatever its target looks like; undefined: it may be. */
export function whyNotHere(config: Configuration, { incident, planned }: LoadedAction): string | undefined {
  const { prepared } = planned;
  if (!ACTION_TRAITS[prepared.action].reversible) return `${prepared.action} cannot be undone`;
  const { place } = caseOf(config, { incident, prepared });
  return rolloutOf(config, place).phase === 'observe'
    ? 'the rollout phase here is observe, in which Parapet writes nothing outside: run the undo commands of the plan yourself, or move the scope to assist'
    : undefined;
}

export type Asking =
  | {
      readonly ok: true;
      readonly approvers: readonly string[];
      readonly reasons: readonly string[];
      readonly expiresAfterSeconds: number;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Who is asked about the undo: who may decide about the action, as many as it takes for the action. Whether the configuration
 * would still let the action itself be executed does not matter: what was done must be revocable.
 */
export function whomToAskFor(config: Configuration, { incident, planned }: LoadedAction, now: Date): Asking {
  const question = caseOf(config, { incident, prepared: planned.prepared });
  const { quorum, quorumReason, expiresAfterSeconds } = policyFor(config, question);
  const unprovable = whyNobodyCouldProve(config, planned.prepared.action);
  if (unprovable !== undefined) return { ok: false, reason: unprovable };
  const people = eligiblePeople(config, question, now);
  if (people.length === 0) return { ok: false, reason: 'nobody in the configuration may approve this action here' };
  const voices = voicesOf(people);
  if (voices < quorum)
    return {
      ok: false,
      reason: `${quorum} different people must approve it, because ${quorumReason}; the configuration lets only ${voices}`,
    };
  return {
    ok: true,
    approvers: people.map(idOf),
    expiresAfterSeconds,
    reasons: [
      'An undo is decided by whoever may decide about the action itself.',
      ...(quorum > 1 ? [`${quorum} different people must approve, because ${quorumReason}.`] : []),
    ],
  };
}
