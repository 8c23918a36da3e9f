import { type PlannedAction, planSchema } from '../../domain/actions/action.ts';
import type { Approval, Refusal } from '../../domain/approval/approval.ts';
import type { Eligible } from '../../domain/approval/eligible.ts';
import { approvedAction, deciderFor, type LinkClaims, standing } from '../../domain/approval/link.ts';
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

/** Who wants to decide which question about which plan. What a link says beside that is held against the question too. */
export interface WhoAsks {
  readonly person: string;
  readonly approvalId: string;
  readonly planDigest: string;
  readonly link?: { readonly claims: LinkClaims; readonly expired: boolean };
}

export type Decidable =
  | {
      readonly ok: true;
      readonly approval: Approval;
      readonly incident: Incident;
      readonly action: PlannedAction;
      /** Who decides, and in whose place where the right was delegated. */
      readonly decider: Eligible;
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly approval?: Approval };

/**
 * Whether somebody may decide this question at this moment: state, digest, rights of now, and that they have not yet. The
 * one place for the page and for clicks. What the target’s own system lets them do is asked by the caller.
 */
export async function decidable(deps: DecidableDeps, ask: WhoAsks): Promise<Decidable> {
  const approval = await deps.approvals.get(ask.approvalId);
  if (approval === undefined) return { ok: false, refusal: 'unknown' };
  const [incident, plan] = await Promise.all([
    deps.incidents.get(approval.incidentId),
    readBody(deps.blobs, approval.planKey, planSchema),
  ]);
  if (incident === undefined) return { ok: false, refusal: 'closed', approval };
  const refusal = standing({ link: ask.link ?? namedBy(ask, approval), approval, incident, now: deps.now() });
  if (refusal) return { ok: false, refusal, approval };
  const action = plan && approvedAction(plan, approval);
  if (action === undefined) return { ok: false, refusal: 'replanned', approval };
  const { prepared } = action;
  const decider = deciderFor(ask.person, { approval, prepared, incident, config: deps.config, now: deps.now() });
  if (decider === undefined) return { ok: false, refusal: 'not-allowed', approval };
  const { person, onBehalfOf } = decider;
  if (hasVoted(approval, { person: person.id, onBehalfOf: onBehalfOf?.id })) {
    return { ok: false, refusal: 'voted', approval };
  }
  return { ok: true, approval, incident, action, decider };
}

/** A click names question and plan; incident and expiry are the question's own then. */
function namedBy({ person, approvalId, planDigest }: WhoAsks, { incidentId, expiresAt }: Approval) {
  const exp = Math.floor(Date.parse(expiresAt) / 1000);
  return { claims: { sub: approvalId, per: person, plan: planDigest, inc: incidentId, exp }, expired: false };
}
