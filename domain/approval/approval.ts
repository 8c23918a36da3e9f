import * as z from 'zod';
import { executableActionSchema } from '../analysis/analysis.ts';

export const APPROVAL_STATUSES = ['PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'REPLANNED', 'CLOSED'] as const;
export const approvalStatusSchema = z.enum(APPROVAL_STATUSES);
export type ApprovalStatus = z.infer<typeof approvalStatusSchema>;

/** What became of telling the state machine. `late`: it had stopped waiting; the decision stands in the log and changes nothing. */
export const deliverySchema = z.enum(['waiting', 'delivered', 'late']);

/**
 * One question to people about one action. The task token is write-only for everything but `deliver-decision`: it is
 * stored as `taskToken` beside these attributes and is in no schema that leaves the store.
 */
export const approvalSchema = z.lazy(() =>
  z.object({
    approvalId: z.string(),
    incidentId: z.string(),
    actionId: z.string(),
    action: executableActionSchema,
    planDigest: z.string(),
    planKey: z.string(),
    status: approvalStatusSchema,
    /** Approver ids that were asked; rights are checked again when they decide. */
    approvers: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    decidedBy: z.string().optional(),
    decidedAt: z.iso.datetime().optional(),
    comment: z.string().optional(),
    delivery: deliverySchema,
  }),
);
export type Approval = z.infer<typeof approvalSchema>;

/** Why a link or a decision is refused; each has its own page and its own count. */
export const REFUSALS = [
  'tampered',
  'foreign',
  'expired',
  'used',
  'replanned',
  'closed',
  'not-allowed',
  'unknown',
  'malformed',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What the state machine is told, and what `Respond` branches on. */
export const decisionSchema = z.lazy(() =>
  z.object({
    approvalId: z.string(),
    decision: z.enum(['approved', 'rejected']),
    decidedBy: z.string(),
    decidedAt: z.iso.datetime(),
    planDigest: z.string(),
    comment: z.string().optional(),
  }),
);
export type Decision = z.infer<typeof decisionSchema>;
