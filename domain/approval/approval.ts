import * as z from 'zod';
import { executableActionSchema } from '../analysis/analysis.ts';

export const APPROVAL_STATUSES = ['PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'REPLANNED', 'CLOSED'] as const;
export const approvalStatusSchema = z.enum(APPROVAL_STATUSES);
export type ApprovalStatus = z.infer<typeof approvalStatusSchema>;

export const approvalPurposeSchema = z.enum(['apply', 'undo']);
export type ApprovalPurpose = z.infer<typeof approvalPurposeSchema>;

/** What became of telling the state machine. `late`: it had stopped waiting; the decision stands in the log and changes nothing. */
export const deliverySchema = z.enum(['waiting', 'delivered', 'late']);

/** Why somebody rejected; tuning reads it, so it is a choice and not only words. */
export const REJECTION_REASONS = [
  'false-alarm',
  'known-and-wanted',
  'wrong-target',
  'too-disruptive',
  'handled-otherwise',
  'other',
] as const;
export const rejectionReasonSchema = z.enum(REJECTION_REASONS);
export type RejectionReason = z.infer<typeof rejectionReasonSchema>;

/** Where somebody decided. Absent: on the approval page. */
const channelSchema = z.enum(['slack']);

/**
 * How it was proven who decided: a sign-in at the configured identity provider. Absent: whoever it was held the mailed link, or
 * clicked in the chat as this person.
 */
export const proofSchema = z.lazy(() =>
  z.object({
    kind: z.literal('oidc'),
    issuer: z.string(),
    subject: z.string(),
    /** When the identity provider says the person signed in. */
    authenticatedAt: z.iso.datetime(),
  }),
);
export type Proof = z.infer<typeof proofSchema>;

/** What one person said. `onBehalfOf`: whose right they used, where it was delegated to them. */
export const voteSchema = z.lazy(() =>
  z.object({
    person: z.string(),
    decision: z.enum(['approved', 'rejected']),
    at: z.iso.datetime(),
    onBehalfOf: z.string().optional(),
    comment: z.string().optional(),
    reason: rejectionReasonSchema.optional(),
    channel: channelSchema.optional(),
    proof: proofSchema.optional(),
  }),
);
export type Vote = z.infer<typeof voteSchema>;

/** What happens by itself while nobody decides. */
export const approvalStepSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('remind'), at: z.iso.datetime() }),
    z.object({ kind: z.literal('escalate'), at: z.iso.datetime(), group: z.string() }),
  ]),
);
export type ApprovalStep = z.infer<typeof approvalStepSchema>;

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
    /** Whether the action is to be done, or what it did to be put back. Absent: it is to be done. */
    purpose: approvalPurposeSchema.optional(),
    planDigest: z.string(),
    planKey: z.string(),
    status: approvalStatusSchema,
    /** Approver ids that were asked; rights are checked again when they decide. */
    approvers: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    /** Different people who must approve. */
    quorum: z.number().int().positive().default(1),
    votes: z.array(voteSchema).default([]),
    /** In order of time; `stepsDone` of them have happened. */
    steps: z.array(approvalStepSchema).default([]),
    stepsDone: z.number().int().nonnegative().default(0),
    /** Who has the right by configuration but was kept out when it was asked, and why. */
    keptOut: z.array(z.object({ person: z.string(), reason: z.string() })).default([]),
    /** What the analysis said when people were asked. Absent: it could not be read. */
    analysis: z.object({ headline: z.string(), author: z.string(), verdict: z.string() }).optional(),
    /** Whose vote decided: the last one the quorum needed, or the rejection. */
    decidedBy: z.string().optional(),
    decidedAt: z.iso.datetime().optional(),
    comment: z.string().optional(),
    reason: rejectionReasonSchema.optional(),
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
  'voted',
  'replanned',
  'closed',
  'not-allowed',
  'not-by-link',
  'unknown',
  'malformed',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** One person's decision; the one that decides is what the state machine is told, and what `Respond` branches on. */
export const decisionSchema = z.lazy(() =>
  z.object({
    approvalId: z.string(),
    decision: z.enum(['approved', 'rejected']),
    decidedBy: z.string(),
    decidedAt: z.iso.datetime(),
    planDigest: z.string(),
    onBehalfOf: z.string().optional(),
    comment: z.string().optional(),
    reason: rejectionReasonSchema.optional(),
    channel: channelSchema.optional(),
    proof: proofSchema.optional(),
  }),
);
export type Decision = z.infer<typeof decisionSchema>;
