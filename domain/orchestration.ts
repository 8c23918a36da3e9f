import * as z from 'zod';
import { applyResultSchema, gateSchema, rollbackResultSchema, verificationSchema } from './actions/action.ts';
import { approvalPurposeSchema, decisionSchema } from './approval/approval.ts';
import { evidencePartNameSchema } from './evidence/pack.ts';
import { outcomeSchema } from './incident/incident.ts';

/**
 * What one state of `state-machines/incident.asl.json` hands to the next. Ids and pointers only: bodies live in the
 * evidence bucket (claim check), because a payload may have 262,144 bytes and the execution history is no place for evidence.
 * Tests check every task's input and output against these schemas.
 */

/** -> claim-incident */
export const claimInputSchema = z.object({ incidentId: z.string(), execution: z.string() });
/** claim-incident -> Choice. `claimed: false`: another execution owns the incident; this one ends. */
export const claimOutputSchema = z.object({ claimed: z.boolean(), incidentId: z.string() });

/** -> gather-* */
export const gatherInputSchema = z.object({ incidentId: z.string(), part: evidencePartNameSchema });
/** gather-* -> analyze. A part that could not be read at all still has a blob, holding its gap. */
export const gatherOutputSchema = z.lazy(() =>
  z.object({
    part: evidencePartNameSchema,
    key: z.string(),
    sha256: z.string(),
    items: z.number().int(),
    gaps: z.array(z.string()),
  }),
);
/** What the state machine itself writes when a gather function died: analyze turns it into a gap. */
export const gatherFailureSchema = z.object({ part: evidencePartNameSchema, error: z.string() });

/** -> analyze */
export const analyzeInputSchema = z.object({
  incidentId: z.string(),
  parts: z.array(z.union([gatherOutputSchema, gatherFailureSchema])),
});
export const analyzeOutputSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    packKey: z.string(),
    analysisKey: z.string(),
    verdict: z.string(),
    severity: z.string(),
    confirmed: z.boolean(),
  }),
);

/** -> plan */
export const planInputSchema = z.object({ incidentId: z.string(), packKey: z.string(), analysisKey: z.string() });
export const plannedActionPointerSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    actionId: z.string(),
    planKey: z.string(),
    gate: gateSchema,
    timeoutSeconds: z.number().int().positive(),
  }),
);
export const planOutputSchema = z.object({
  incidentId: z.string(),
  planKey: z.string(),
  actions: z.array(plannedActionPointerSchema),
});

/** -> publish-ticket, publish-chat (stage `opened` after Plan, `concluded` at the end, `drifted` and `settled` by the bus when a watch saw that an action no longer holds or that it has come to hold, `undone` after a roll-back that somebody asked for, `acted` after a playbook acted, with its action) */
export const publishInputSchema = z.object({
  incidentId: z.string(),
  stage: z.enum(['opened', 'concluded', 'drifted', 'settled', 'undone', 'acted']),
  actionId: z.string().optional(),
});
export type PublishInput = z.infer<typeof publishInputSchema>;
export const publishOutputSchema = z.lazy(() =>
  z.object({
    destination: z.enum(['ticket', 'chat']),
    /** `in-digest`: told, or about to be, in one message with others · `observed`: the phase is observe, nothing was written. */
    state: z.enum(['created', 'updated', 'in-digest', 'observed', 'not-configured', 'failed']),
    remoteId: z.string().optional(),
    note: z.string().optional(),
  }),
);

/** -> request-approval (with the task token, which goes to the approvals table and nowhere else) */
export const requestApprovalInputSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    actionId: z.string(),
    planKey: z.string(),
    taskToken: z.string().min(1),
  }),
);
/** SendTaskSuccess output -> Choice */
export const approvalResultSchema = decisionSchema;

/** -> expire-approval, after the wait ended without an answer */
export const expireInputSchema = z.lazy(() =>
  z.object({ incidentId: z.string(), actionId: z.string(), purpose: approvalPurposeSchema.default('apply') }),
);
/** `decided`: a decision had been made but came too late to be delivered. */
export const expireOutputSchema = z.object({ outcome: z.enum(['expired', 'decided-too-late']) });

/** -> execute, verify, roll-back */
export const actionInputSchema = z.object({ incidentId: z.string(), actionId: z.string(), planKey: z.string() });
/** By whose authority: the approval, or the playbook the plan names. */
export const executeInputSchema = actionInputSchema.extend({
  approvalId: z.string().optional(),
  authority: z.literal('playbook').optional(),
});
/** `ask-people`: nothing was done without a person, and may be done with one. */
export const executeOutputSchema = z.object({
  outcome: z.enum([...applyResultSchema.shape.outcome.options, 'ask-people']),
  reason: z.string(),
});
export const verifyOutputSchema = z.lazy(() => verificationSchema.unwrap().pick({ result: true, enforcement: true }));
export const rollbackOutputSchema = rollbackResultSchema.pick({ outcome: true, reason: true });

/** One action's way through Respond -> conclude */
export const actionOutcomeSchema = z.object({
  actionId: z.string(),
  result: z.enum([
    'contained',
    'partial',
    'rolled-back',
    'rollback-failed',
    'not-applied',
    'rejected',
    'expired',
    'decided-too-late',
    'advice',
    'failed',
  ]),
  reason: z.string(),
});
export type ActionOutcome = z.infer<typeof actionOutcomeSchema>;

/** -> conclude. `error` is there when a state failed for good. */
export const concludeInputSchema = z.object({
  incidentId: z.string(),
  outcomes: z.array(actionOutcomeSchema),
  error: z.string().optional(),
});
export const concludeOutputSchema = z.object({ incidentId: z.string(), outcome: outcomeSchema, auditHead: z.string() });
