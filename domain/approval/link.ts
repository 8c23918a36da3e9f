import * as z from 'zod';
import { type Plan, type PlannedAction, type PreparedAction, planDigest } from '../actions/action.ts';
import type { ActionTarget } from '../actions/target.ts';
import type { Configuration } from '../config/schema.ts';
import { type Placement, placementOf, type RightQuestion } from '../config/scope.ts';
import type { Incident } from '../incident/incident.ts';
import type { Workload } from '../workload.ts';
import type { Approval, Refusal } from './approval.ts';
import { type Eligible, eligiblePeople, idOf } from './eligible.ts';
import { isOver } from './over.ts';

export const LINK_AUDIENCE = 'parapet-approval';

/** What an approval link says; signed, readable by whoever holds it, and therefore free of secrets. */
export const linkClaimsSchema = z.lazy(() =>
  z.object({
    /** Approval id. */
    sub: z.string().min(1),
    /** Approver id: each person has a link of their own. */
    per: z.string().min(1),
    /** Digest of the plan the person was asked about. */
    plan: z.string().min(1),
    inc: z.string().min(1),
    /** Epoch seconds. */
    exp: z.number().int().positive(),
  }),
);
export type LinkClaims = z.infer<typeof linkClaimsSchema>;

/** A link after its signature was checked. An expired link still names its person and approval truthfully. */
export type LinkReading =
  | { readonly ok: true; readonly claims: LinkClaims; readonly expired: boolean }
  | { readonly ok: false; readonly refusal: 'malformed' | 'tampered' };

/** What `decide` needs of the signing connector; `now` decides about expiry. */
export interface ApprovalLinks {
  sign(claims: LinkClaims): Promise<string>;
  read(link: string, now: Date): Promise<LinkReading>;
  /** A form value only somebody who was served the page of this very link can know, in this very session where there is one. */
  formToken(approvalId: string, link: string, session?: string): Promise<string>;
  formTokenMatches(approvalId: string, link: string, token: string, session?: string): Promise<boolean>;
}

/** A link of another approval, decided before anything is read: it must learn nothing about this one. */
export function isForeign(claims: LinkClaims, approvalId: string): boolean {
  return claims.sub !== approvalId;
}

/**
 * Why this link no longer opens this question, as far as that is the same for everybody; undefined: it is open. Asked at
 * GET and again at POST.
 */
export function standing(input: {
  readonly link: { readonly claims: LinkClaims; readonly expired: boolean };
  readonly approval: Approval;
  readonly incident: Incident;
  readonly now: Date;
}): Refusal | undefined {
  const { link, approval, incident } = input;
  if (link.claims.inc !== approval.incidentId || incident.incidentId !== approval.incidentId) return 'foreign';
  if (link.claims.plan !== approval.planDigest) return 'replanned';
  const closed = refusalOfStatus(approval.status);
  if (closed) return closed;
  if (link.expired || input.now.getTime() >= Date.parse(approval.expiresAt)) return 'expired';
  return isOver(approval, incident) ? 'closed' : undefined;
}

/**
 * The planned action an approval is about, exactly as digested: the digest is computed again from what is stored, so that
 * nobody approves something else than what the page shows. undefined: it was planned anew or changed.
 */
export function approvedAction(plan: Plan, approval: Approval): PlannedAction | undefined {
  return plan.actions.find(
    ({ prepared, digest }) =>
      prepared.actionId === approval.actionId &&
      prepared.incidentId === approval.incidentId &&
      prepared.action === approval.action &&
      digest === approval.planDigest &&
      planDigest(prepared) === approval.planDigest,
  );
}

/** What rights and policies are asked about an action: what, where, on what, in an incident of which severity. */
export function caseOf(
  config: Configuration,
  {
    incident,
    prepared,
  }: { readonly incident: Pick<Incident, 'workload' | 'severity'>; readonly prepared: PreparedAction },
): RightQuestion & { readonly target: ActionTarget } {
  const { action, target } = prepared;
  return { action, target, place: placeOfTarget(config, incident.workload, target), severity: incident.severity };
}

/** In whose right a person may decide: they were asked, and the configuration of now still lets them (rule 4). */
export function deciderFor(
  person: string,
  input: {
    readonly approval: Pick<Approval, 'approvers'>;
    readonly prepared: PreparedAction;
    readonly incident: Pick<Incident, 'workload' | 'severity'>;
    readonly config: Configuration;
    readonly now: Date;
  },
): Eligible | undefined {
  if (!input.approval.approvers.includes(person)) return undefined;
  return eligiblePeople(input.config, caseOf(input.config, input), input.now).find((one) => idOf(one) === person);
}

/** Where an action takes effect: the target's cluster and namespace; what a target has none of is the workload's. */
export function placeOfTarget(config: Configuration, workload: Workload, target: ActionTarget): Placement {
  switch (target.system) {
    case 'kubernetes':
      return {
        ...placementOf(config, workload),
        cluster: target.cluster,
        environment: config.clusters.find(({ name }) => name === target.cluster)?.environment,
        ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
      };
    case 'vendor':
      // The record is about the workload: whoever may decide there may say so at the vendor.
      return placementOf(config, workload);
    case 'aws':
      // A whole account's thing: a right that is limited to a cluster or a namespace does not reach it.
      return {
        account: target.account,
        environment: config.accounts.find(({ id }) => id === target.account)?.environment,
      };
  }
}

function refusalOfStatus(status: Approval['status']): Refusal | undefined {
  switch (status) {
    case 'PENDING':
      return undefined;
    case 'APPROVED':
    case 'REJECTED':
      return 'used';
    case 'EXPIRED':
      return 'expired';
    case 'REPLANNED':
      return 'replanned';
    case 'CLOSED':
      return 'closed';
  }
}
