import { type PlannedAction, planSchema } from '../../domain/actions/action.ts';
import type { Approval, Refusal } from '../../domain/approval/approval.ts';
import type { Eligible } from '../../domain/approval/eligible.ts';
import { approvedAction, deciderFor, standing } from '../../domain/approval/link.ts';
import { hasVoted } from '../../domain/approval/votes.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { readBody } from '../publication/bodies.ts';
import type { ApprovalStore, BlobStore, IncidentStore } from '../store/ports.ts';

export interface DecidableDeps {
  readonly config: Configuration;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly now: () => Date;
}

export type Decidable =
  | {
      readonly ok: true;
      readonly approval: Approval;
      readonly incident: Incident;
      readonly action: PlannedAction;
      readonly decider: Eligible;
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly approval?: Approval };

/**
 * Whether somebody who is known by something else than a link may decide this question at this moment: the checks of the
 * approval page in the same order, with what they named in place of a link’s claims. What the target’s own system lets
 * them do is asked by the caller.
 */
export async function decidable(
  deps: DecidableDeps,
  ask: { readonly person: string; readonly approvalId: string; readonly planDigest: string },
): Promise<Decidable> {
  const approval = await deps.approvals.get(ask.approvalId);
  if (approval === undefined) return { ok: false, refusal: 'unknown' };
  const [incident, plan] = await Promise.all([
    deps.incidents.get(approval.incidentId),
    readBody(deps.blobs, approval.planKey, planSchema),
  ]);
  if (incident === undefined) return { ok: false, refusal: 'closed', approval };
  const claims = {
    sub: ask.approvalId,
    per: ask.person,
    plan: ask.planDigest,
    inc: approval.incidentId,
    exp: Math.floor(Date.parse(approval.expiresAt) / 1000),
  };
  const refusal = standing({ link: { claims, expired: false }, approval, incident, now: deps.now() });
  if (refusal) return { ok: false, refusal, approval };
  const action = plan && approvedAction(plan, approval);
  if (action === undefined) return { ok: false, refusal: 'replanned', approval };
  const { prepared } = action;
  const decider = deciderFor(ask.person, { approval, prepared, incident, config: deps.config, now: deps.now() });
  if (decider === undefined) return { ok: false, refusal: 'not-allowed', approval };
  const { person, onBehalfOf } = decider;
  if (hasVoted(approval, { person: person.id, onBehalfOf: onBehalfOf?.id }))
    return { ok: false, refusal: 'voted', approval };
  return { ok: true, approval, incident, action, decider };
}
