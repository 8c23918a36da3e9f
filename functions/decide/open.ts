import { readBody } from '../../connectors/publication/bodies.ts';
import type { ApprovalStore, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import { type PlannedAction, planSchema } from '../../domain/actions/action.ts';
import type { Approval, Refusal } from '../../domain/approval/approval.ts';
import {
  type ApprovalLinks,
  approvedAction,
  isForeign,
  type LinkClaims,
  mayDecide,
  standing,
} from '../../domain/approval/link.ts';
import type { ApproverConfiguration, Configuration } from '../../domain/config/schema.ts';
import type { Incident } from '../../domain/incident/incident.ts';

export interface OpenDeps {
  readonly config: Configuration;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly links: Pick<ApprovalLinks, 'read'>;
  readonly now: () => Date;
}

/** A question this link may see and decide at this moment. */
export interface Opened {
  readonly ok: true;
  readonly approval: Approval;
  readonly incident: Incident;
  readonly action: PlannedAction;
  readonly person: ApproverConfiguration;
  readonly link: string;
}

/** What is known about who was refused what; only signed claims name a person. */
export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly claims?: LinkClaims;
  readonly approval?: Approval;
}

/** Every check a link must pass, in one place for GET and POST: signature, question, state, digest, rights of now. */
export async function open(
  deps: OpenDeps,
  ask: { readonly approvalId: string | undefined; readonly link: string | undefined },
): Promise<Opened | Refused> {
  const { approvalId, link } = ask;
  if (approvalId === undefined) return { ok: false, refusal: 'unknown' };
  if (link === undefined) return { ok: false, refusal: 'malformed' };
  const reading = await deps.links.read(link, deps.now());
  if (!reading.ok) return refuse(reading.refusal, undefined, await deps.approvals.get(approvalId));
  const { claims } = reading;
  const approval = await deps.approvals.get(approvalId);
  if (isForeign(claims, approvalId)) return refuse('foreign', claims, approval);
  if (approval === undefined) return refuse('unknown', claims);

  const incident = await deps.incidents.get(approval.incidentId);
  if (incident === undefined) return refuse('closed', claims, approval);
  const refusal = standing({ link: reading, approval, incident, now: deps.now() });
  if (refusal) return refuse(refusal, claims, approval);
  const plan = await readBody(deps.blobs, approval.planKey, planSchema);
  const action = plan && approvedAction(plan, approval);
  if (action === undefined) return refuse('replanned', claims, approval);
  const person = deps.config.approvers.find(({ id }) => id === claims.per);
  const { target } = action.prepared;
  if (!person || !mayDecide(person.id, { approval, target, workload: incident.workload, config: deps.config })) {
    return refuse('not-allowed', claims, approval);
  }
  return { ok: true, approval, incident, action, person, link };
}

function refuse(refusal: Refusal, claims?: LinkClaims, approval?: Approval): Refused {
  return { ok: false, refusal, ...(claims ? { claims } : {}), ...(approval ? { approval } : {}) };
}
