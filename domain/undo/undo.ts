import * as z from 'zod';
import type { AuditEntry } from '../audit/entry.ts';

/**
 * How a roll-back that somebody asked for ended. `undone`: it was read back · `unverified`: it was sent, and the target does
 * not show it · `failed`: it broke, a person must look · `refused`: nothing was sent, for the reason that is told.
 */
export const undoResultSchema = z.enum([
  'undone',
  'unverified',
  'failed',
  'refused',
  'rejected',
  'expired',
  'decided-too-late',
]);
export type UndoResult = z.infer<typeof undoResultSchema>;

/** A roll-back on demand that has come to its end, as the log tells it. */
export const undoneSchema = z.lazy(() =>
  z.object({
    actionId: z.string(),
    attempt: z.number().int().positive(),
    result: undoResultSchema,
    reason: z.string(),
    at: z.iso.datetime(),
    /** Who decided, where somebody did. */
    decidedBy: z.string().optional(),
  }),
);
export type Undone = z.infer<typeof undoneSchema>;

/** Every roll-back on demand of a chain that has ended, in the order they ended. */
export function undosIn(chain: readonly AuditEntry[]): readonly Undone[] {
  return chain.flatMap(({ kind, at, data }) => {
    const parsed = kind === 'rollback.concluded' ? undoneSchema.safeParse({ ...data, at }) : undefined;
    return parsed?.success ? [parsed.data] : [];
  });
}

/** The attempt that comes next: while one is open it is that one, so that asking twice asks once. */
export function nextAttempt(chain: readonly AuditEntry[], actionId: string): number {
  return Math.max(0, ...undosIn(chain).flatMap((undo) => (undo.actionId === actionId ? [undo.attempt] : []))) + 1;
}

/** Actions whose effect was put back because somebody asked for it. */
export function undoneActions(chain: readonly AuditEntry[]): ReadonlySet<string> {
  return new Set(undosIn(chain).flatMap(({ actionId, result }) => (result === 'undone' ? [actionId] : [])));
}

/** What was executed and stands, where it can be found: the plan with this digest is what is put back. */
export type UndoStanding =
  | { readonly ok: true; readonly planKey: string; readonly digest: string; readonly at: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Whether there is something to put back, from the log alone. @param over the incident has come to its end, so that nothing
 * of it is being done any more
 */
export function undoStanding(chain: readonly AuditEntry[], actionId: string, over: boolean): UndoStanding {
  const of = chain.filter(({ data }) => data['actionId'] === actionId);
  const started = of.findLast(({ kind }) => kind === 'action.started');
  const digest = started?.data['digest'];
  if (started === undefined || typeof digest !== 'string')
    return { ok: false, reason: `${actionId} was never executed, so there is nothing to put back` };
  const since = of.filter(({ sequence }) => sequence > started.sequence);
  const back = since.findLast(({ kind, data }) => kind === 'action.rolled-back' && isDone(data));
  if (back !== undefined) return { ok: false, reason: `${actionId} was rolled back already, at ${back.at}` };
  const verified = since.find(({ kind, data }) => kind === 'action.verified' && data['watch'] === undefined);
  const holds = verified?.data['result'] === 'contained' || verified?.data['result'] === 'partial';
  const failedBack = since.some(({ kind }) => kind === 'action.rolled-back');
  if (!holds && !failedBack && !over)
    return { ok: false, reason: `${actionId} is being executed now: ask again when its execution has ended` };
  const planKey = planOf(chain, actionId, digest);
  return planKey === undefined
    ? { ok: false, reason: `the log names no plan that ${actionId} was executed by` }
    : { ok: true, planKey, digest, at: started.at };
}

/** `nothing-to-undo` ends an automatic roll-back well: nothing of it was there. Of one on demand nothing is said then. */
function isDone(data: AuditEntry['data']): boolean {
  return data['outcome'] === 'rolled-back' || data['outcome'] === 'nothing-to-undo';
}

const planned = z.object({
  planKey: z.string(),
  actions: z.array(z.object({ actionId: z.string(), digest: z.string() })),
});

/** An incident may have been planned more than once: the digest tells which plan was executed. */
function planOf(chain: readonly AuditEntry[], actionId: string, digest: string): string | undefined {
  return chain
    .flatMap(({ kind, data }) => {
      const plan = kind === 'plan.made' ? planned.safeParse(data) : undefined;
      return plan?.success ? [plan.data] : [];
    })
    .findLast(({ actions }) => actions.some((one) => one.actionId === actionId && one.digest === digest))?.planKey;
}

/** In a headline. */
export function undoHeadline({ result }: Pick<Undone, 'result'>): string {
  switch (result) {
    case 'undone':
      return 'an action was rolled back on demand';
    case 'unverified':
    case 'failed':
      return 'an action was to be rolled back on demand, and somebody must look at its target';
    case 'refused':
    case 'rejected':
    case 'expired':
    case 'decided-too-late':
      return 'an action was not rolled back, although somebody had asked for it';
  }
}

/** One roll-back for people. */
export function undoWords({ actionId, result, reason, at }: Undone): string {
  return `${actionId}: ${RESULTS[result]} (${at}): ${reason}`;
}

const RESULTS: Readonly<Record<UndoResult, string>> = {
  undone: 'put back, and read back',
  unverified: 'put back, but the target does not show it: look at it',
  failed: 'could not be put back: look at the target',
  refused: 'not put back',
  rejected: 'not put back, an approver said no',
  expired: 'not put back, nobody decided in time',
  'decided-too-late': 'not put back, the decision came too late',
};
