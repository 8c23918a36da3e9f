import * as z from 'zod';
import { sha256Hex } from '../json/canonical.ts';
import { severitySchema } from '../severity.ts';
import { sourceSchema } from '../source.ts';
import { workloadSchema } from '../workload.ts';

/** Where an incident stands. Every value is reached by a named path; `failed` means the machinery broke, not the response. */
export const INCIDENT_STATUSES = [
  'opened',
  'investigating',
  'awaiting-decision',
  'responding',
  'concluded',
  'failed',
] as const;
export const incidentStatusSchema = z.enum(INCIDENT_STATUSES);
export type IncidentStatus = z.infer<typeof incidentStatusSchema>;

/** How an incident ended, in one word a report can count. */
export const OUTCOMES = [
  'contained',
  'partially-contained',
  'rolled-back',
  'action-failed',
  'rejected',
  'expired',
  'decided-too-late',
  'noted',
  'advice-only',
  'no-action-needed',
  'unverified',
  'failed',
] as const;
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof outcomeSchema>;

/** ISO 8601 times of the milestones a CISO asks about; absent means it did not happen. */
export const incidentTimesSchema = z.object({
  received: z.iso.datetime(),
  opened: z.iso.datetime(),
  investigationStarted: z.iso.datetime().optional(),
  triaged: z.iso.datetime().optional(),
  asked: z.iso.datetime().optional(),
  decided: z.iso.datetime().optional(),
  contained: z.iso.datetime().optional(),
  concluded: z.iso.datetime().optional(),
});
export type IncidentTimes = z.infer<typeof incidentTimesSchema>;

/** One remote record of the incident (ticket, chat message), claimed before it is created so that it is created once. */
export const publicationSchema = z.lazy(() =>
  z.object({
    destination: z.enum(['ticket', 'chat']),
    system: z.string(),
    /**
     * `in-digest`: told together with others in one message (docs/decisions/0010). It stands in the line since `claimedAt`;
     * `remoteId` is the message, once that was posted.
     */
    state: z.enum(['claimed', 'created', 'failed', 'in-digest']),
    remoteId: z.string().optional(),
    url: z.string().optional(),
    claimedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    note: z.string().optional(),
    /** What was said in its thread, by the mark of each reply. */
    replies: z.array(z.string()).optional(),
  }),
);
export type Publication = z.infer<typeof publicationSchema>;

/** An incident as it is stored and shown. Bodies (evidence, analysis, plan) stay in the evidence bucket under `blobs`. */
export const incidentSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    source: sourceSchema,
    status: incidentStatusSchema,
    /** Highest severity of its findings so far (rule 1: never lowered). */
    severity: severitySchema,
    workload: workloadSchema,
    workloadKey: z.string(),
    /** Counts up with each window of the same workload; part of the id, so that two racing openers make the same incident. */
    generation: z.number().int().positive(),
    windowEndsAt: z.iso.datetime(),
    findingCount: z.number().int().nonnegative(),
    duplicateCount: z.number().int().nonnegative(),
    /** ARN of the execution that owns the incident; set once by the claim. */
    execution: z.string().optional(),
    /** False until the vendor (or a signed event) confirmed the alert; an unconfirmed incident can never lead to an action (rule 7). */
    confirmed: z.boolean(),
    headline: z.string().optional(),
    verdict: z.string().optional(),
    /** By what it is known again (domain/retrieval/traits.ts); set when it was analyzed. */
    traits: z.array(z.string()).optional(),
    outcome: outcomeSchema.optional(),
    /** Delivery whose finding opened it: that one announces it, and repeats until it has. */
    openedBy: z.string().optional(),
    times: incidentTimesSchema,
    blobs: z.object({ pack: z.string().optional(), analysis: z.string().optional(), plan: z.string().optional() }),
    auditHead: z.object({ sequence: z.number().int().nonnegative(), hash: z.string() }).optional(),
  }),
);
export type Incident = z.infer<typeof incidentSchema>;

/** Same workload and generation, same id: whoever opens it first, in whatever process. */
export function incidentIdFor(key: string, generation: number): string {
  return `inc-${sha256Hex(`${key}#${generation}`).slice(0, 20)}`;
}
