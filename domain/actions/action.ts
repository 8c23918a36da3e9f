import * as z from 'zod';
import { executableActionSchema } from '../analysis/analysis.ts';
import { digestOf } from '../json/canonical.ts';
import { assessmentSchema } from '../playbooks/assessment.ts';
import { type ActionTarget, actionTargetSchema } from './target.ts';

/** One HTTP request as it will be sent, without credentials. `body` is the exact JSON. */
export const plannedRequestSchema = z.lazy(() =>
  z.object({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z.string(),
    contentType: z.string().optional(),
    body: z.unknown().optional(),
    purpose: z.string(),
  }),
);
export type PlannedRequest = z.infer<typeof plannedRequestSchema>;

/** Everything that decides what will happen. Its digest is what a person approves; any change needs a new approval. */
export const preparedActionSchema = z.lazy(() =>
  z.object({
    action: executableActionSchema,
    incidentId: z.string(),
    /** `A1`, `A2`, … within the plan. */
    actionId: z.string(),
    target: actionTargetSchema,
    parameters: z.record(z.string(), z.string()),
    /** What was true when it was planned and must still be true when it is executed. */
    beforeState: z.record(z.string(), z.unknown()),
    requests: z.array(plannedRequestSchema),
    inverse: z.array(plannedRequestSchema),
    /** Of an undo: what it puts back. Part of the digest, so that nobody's approval of the one is ever one of the other. */
    undoes: z.object({ planKey: z.string(), digest: z.string(), attempt: z.number().int().positive() }).optional(),
  }),
);
export type PreparedAction = z.infer<typeof preparedActionSchema>;

/** A prepared action whose target is of one system. */
export type PreparedOn<Target extends ActionTarget> = Omit<PreparedAction, 'target'> & { readonly target: Target };

/** The digest an approval binds. */
export function planDigest(prepared: PreparedAction): string {
  return digestOf(prepared);
}

/** What a person reads before deciding; rendered by code from the catalogue, never from model text. */
export const previewSchema = z.lazy(() =>
  z.object({
    title: z.string(),
    summary: z.string(),
    commands: z.array(z.string()),
    blastRadius: z.array(z.string()),
    undo: z.string(),
    warnings: z.array(z.string()),
  }),
);
export type Preview = z.infer<typeof previewSchema>;

export const gateSchema = z.enum(['suggest', 'ask', 'automatic']);
export type Gate = z.infer<typeof gateSchema>;

export const plannedActionSchema = z.lazy(() =>
  z.object({
    prepared: preparedActionSchema,
    digest: z.string(),
    preview: previewSchema,
    rationale: z.string(),
    evidence: z.array(z.string()),
    gate: gateSchema,
    /** Why the gate is what it is: phase, rights, confirmation; in sentences for people. */
    gateReasons: z.array(z.string()),
    /** Approver ids allowed to do this action on this target now; of an automatic one whom to ask if it may not act after all. */
    approvers: z.array(z.string()),
    /** What the playbook named for it here says, in whatever phase; absent: none is named. */
    playbook: assessmentSchema.optional(),
    expiresAfterSeconds: z.number().int().positive(),
  }),
);
export type PlannedAction = z.infer<typeof plannedActionSchema>;

/** What cannot or may not be executed, with the reason; still shown to people as advice. */
export const adviceSchema = z.lazy(() =>
  z.object({
    action: z.string(),
    target: z.string(),
    text: z.string(),
    reason: z.string(),
    evidence: z.array(z.string()),
  }),
);
export type Advice = z.infer<typeof adviceSchema>;

export const planSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    version: z.number().int().positive(),
    plannedAt: z.iso.datetime(),
    phase: z.enum(['observe', 'assist', 'automate']),
    analysisDigest: z.string(),
    /** Of the evidence pack, which is looked at again before anything is done without a person. */
    packDigest: z.string().optional(),
    actions: z.array(plannedActionSchema),
    advice: z.array(adviceSchema),
  }),
);
export type Plan = z.infer<typeof planSchema>;

/** A request that went to a target, for the audit log. Bodies by digest; never a credential. */
export const sentRequestSchema = z.lazy(() =>
  z.object({
    method: z.string(),
    path: z.string(),
    bodySha256: z.string().optional(),
    status: z.number().int(),
    dryRun: z.boolean(),
    at: z.iso.datetime(),
  }),
);
export type SentRequest = z.infer<typeof sentRequestSchema>;

/**
 * How an attempt to apply ended.
 * `applied`, `already-applied`: the effect is there · `gone`: the target no longer exists · `replaced`: same name, other uid ·
 * `changed`: the before-state no longer holds, plan again · `refused`: protected target or dry run said no ·
 * `denied`: the target's authorisation said no · `failed`: anything else; `requests` tells how far it came.
 */
export const applyResultSchema = z.object({
  outcome: z.enum(['applied', 'already-applied', 'gone', 'replaced', 'changed', 'refused', 'denied', 'failed']),
  reason: z.string(),
  requests: z.array(sentRequestSchema),
});
export type ApplyResult = z.infer<typeof applyResultSchema>;

export const verificationSchema = z.lazy(() =>
  z.object({
    result: z.enum(['contained', 'partial', 'failed', 'unknown']),
    /** Whether the network policy is known to be enforced by the cluster's network plug-in, or only accepted by its API. */
    enforcement: z.enum(['proven', 'assumed', 'none', 'not-applicable']),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    verifiedAt: z.iso.datetime(),
  }),
);
export type Verification = z.infer<typeof verificationSchema>;

export const rollbackResultSchema = z.object({
  outcome: z.enum(['rolled-back', 'nothing-to-undo', 'failed']),
  reason: z.string(),
  requests: z.array(sentRequestSchema),
});
export type RollbackResult = z.infer<typeof rollbackResultSchema>;

export interface RbacRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
}

export type Preparation =
  | { readonly ok: true; readonly prepared: PreparedAction; readonly preview: Preview }
  | {
      readonly ok: false;
      readonly code: 'gone' | 'replaced' | 'protected' | 'unsupported' | 'unreadable';
      readonly reason: string;
    };

/** What is to be prepared, and for which incident. */
export interface PreparationAsk<Target extends ActionTarget> {
  readonly incidentId: string;
  readonly actionId: string;
  readonly target: Target;
  readonly parameters: Readonly<Record<string, string>>;
}

/** How far an action reaches: rights and quorum may be given by class. */
export const ACTION_CLASSES = [
  'annotation',
  'evidence',
  'network-isolation',
  'workload',
  'identity',
  'vendor',
] as const;
export type ActionClass = (typeof ACTION_CLASSES)[number];

/**
 * An action as a tuple (rule 5). `Read` and `Write` are the target's clients; planning and verification get only the
 * reading one. Every function may throw only `TargetError` (connectors/targets); what people must know is in the results.
 */
export interface ActionDefinition<Read, Write, Target extends ActionTarget, Rule = RbacRule> {
  readonly name: z.infer<typeof executableActionSchema>;
  readonly title: string;
  readonly class: ActionClass;
  readonly reversible: boolean;
  /** How long the effect may take to show, where that is longer than the usual 20 seconds. */
  readonly settlesWithinSeconds?: number;
  readonly permissions: { readonly read: readonly Rule[]; readonly write: readonly Rule[] };
  /** Precondition and preview: reads the live target and returns the exact requests and their inverse. Writes nothing. */
  prepare(read: Read, ask: PreparationAsk<Target>): Promise<Preparation>;
  /** Revalidates the before-state, dry-runs, then applies. Applying twice equals applying once. */
  apply(write: Write, prepared: PreparedOn<Target>): Promise<ApplyResult>;
  /** Reads the target and says what holds now. Does not wait: the caller repeats it until its deadline. */
  verify(read: Read, prepared: PreparedOn<Target>): Promise<Verification>;
  /** Puts the before-state back. Doing it twice equals doing it once. */
  rollBack(write: Write, prepared: PreparedOn<Target>): Promise<RollbackResult>;
}
