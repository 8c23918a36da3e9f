import { type Decidable, type DecidableDeps, decidable } from '../../connectors/asking/decidable.ts';
import type { LiveRights } from '../../connectors/rights/port.ts';
import type { Approval, Refusal } from '../../domain/approval/approval.ts';
import { type ApprovalLinks, isForeign, type LinkClaims } from '../../domain/approval/link.ts';

export interface OpenDeps extends DecidableDeps {
  readonly links: Pick<ApprovalLinks, 'read'>;
  readonly rights: LiveRights;
}

/** A question this link may see and decide at this moment. */
export type Opened = Extract<Decidable, { readonly ok: true }> & {
  readonly claims: LinkClaims;
  readonly link: string;
};

/** What is known about who was refused what; only signed claims name a person. */
export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly claims?: LinkClaims;
  readonly approval?: Approval;
  /** What their own system says, where that is why. */
  readonly why?: string;
}

/** Every check a link must pass, in one place for GET and POST: signature, question, state, digest, rights of now, live rights. */
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
  if (isForeign(claims, approvalId)) return refuse('foreign', claims, await deps.approvals.get(approvalId));
  const found = await decidable(deps, { person: claims.per, approvalId, planDigest: claims.plan, link: reading });
  if (!found.ok) return refuse(found.refusal, claims, found.approval);
  const live = await deps.rights.check(found.decider, found.action.prepared);
  if (live.right === 'no') return { ...refuse('not-allowed', claims, found.approval), why: live.reason };
  return { ...found, claims, link };
}

function refuse(refusal: Refusal, claims?: LinkClaims, approval?: Approval): Refused {
  return { ok: false, refusal, ...(claims ? { claims } : {}), ...(approval ? { approval } : {}) };
}
