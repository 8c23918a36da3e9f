import * as z from 'zod';
import { rollbackResultSchema } from '../actions/action.ts';
import { actionInputSchema } from '../orchestration.ts';
import { MAX_REASON } from './plan.ts';
import { undoResultSchema } from './undo.ts';

/** What one state of `state-machines/roll-back.asl.json` hands to the next: ids and pointers, as in the incident's own. */

/** -> the state machine (`parapet rollback`) and plan-undo */
export const undoRequestSchema = z.lazy(() =>
  z.object({
    incidentId: z.string().min(1).max(100),
    actionId: z.string().min(1).max(20),
    attempt: z.number().int().positive(),
    requestedBy: z.string().min(1).max(200),
    reason: z.string().max(MAX_REASON).optional(),
  }),
);
export type UndoRequest = z.infer<typeof undoRequestSchema>;

export const planUndoOutputSchema = z.lazy(() =>
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('ask'), planKey: z.string(), timeoutSeconds: z.number().int().positive() }),
    z.object({ outcome: z.literal('refused'), reason: z.string() }),
  ]),
);

/** -> roll-back. With an approval: on demand, by the plan of an undo; without: the action whose verification failed. */
export const rollBackInputSchema = actionInputSchema.extend({ approvalId: z.string().optional() });
export const rollBackOnDemandOutputSchema = z.object({
  /** `refused`: nothing was sent. */
  outcome: z.enum([...rollbackResultSchema.shape.outcome.options, 'refused']),
  reason: z.string(),
});

/** verify-undo: the plan is that of the undo. `unknown`: the target could not be read. */
export const verifyUndoOutputSchema = z.object({
  result: z.enum(['undone', 'not-undone', 'unknown']),
  reason: z.string(),
});

/** -> conclude-undo */
export const concludeUndoInputSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    actionId: z.string(),
    attempt: z.number().int().positive(),
    result: undoResultSchema,
    reason: z.string(),
    decidedBy: z.string().optional(),
  }),
);
export const concludeUndoOutputSchema = z.object({ incidentId: z.string(), result: undoResultSchema });
