import type * as z from 'zod';
import { loadAction, PlanMismatchError } from '../../connectors/planned/load.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { ReadingTargets } from '../../connectors/targets/reading.ts';
import type { RehearsingTargets } from '../../connectors/targets/rehearsal.ts';
import type { PreparedAction, Verification } from '../../domain/actions/action.ts';
import { actionInputSchema } from '../../domain/orchestration.ts';
import type { verifyUndoOutputSchema } from '../../domain/undo/steps.ts';
import { seenOf } from '../../domain/watch/watch.ts';

export interface VerifyUndoDeps {
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly targets: Pick<ReadingTargets, 'verify' | 'traitsOf'> & RehearsingTargets;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

type Output = z.infer<typeof verifyUndoOutputSchema>;

/** As long as the verification of an action, unless the action itself takes longer to show. */
const DEADLINE_MS = 20_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Reads the target until what was done to it is undone, or the deadline has passed. Two readings must agree: nothing is left
 * that a roll-back would still put back, and the action's own verification no longer finds its effect. The input is the plan
 * of the undo, which names the action.
 */
export async function verifyUndo(deps: VerifyUndoDeps, event: unknown): Promise<Output> {
  const { incidentId, actionId, planKey } = actionInputSchema.parse(event);
  const { planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const { undoes } = planned.prepared;
  if (undoes === undefined) throw new PlanMismatchError(`plan ${planKey} is not that of an undo`);
  const original = await loadAction(deps, { incidentId, actionId, planKey: undoes.planKey });
  const seen = await lookUntilUndone(deps, original.planned.prepared);
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'verify-undo' },
    kind: 'rollback.verified',
    data: {
      actionId,
      action: planned.prepared.action,
      digest: planned.digest,
      attempt: undoes.attempt,
      ...seen,
    },
  });
  return seen;
}

async function lookUntilUndone(deps: VerifyUndoDeps, prepared: PreparedAction): Promise<Output> {
  const { settlesWithinSeconds } = deps.targets.traitsOf(prepared.action);
  const within = settlesWithinSeconds === undefined ? DEADLINE_MS : settlesWithinSeconds * 1000;
  const deadline = deps.now().getTime() + within;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const seen = await look(deps, prepared);
    if (seen.result === 'undone' || deps.now().getTime() + pause > deadline) return seen;
    await deps.sleep(pause);
  }
}

/** By name: what each check says now is how things were before, and no news. */
function failing({ checks }: Verification): string {
  return checks.flatMap(({ name, ok }) => (ok ? [] : [name])).join(', ');
}

async function look(deps: VerifyUndoDeps, prepared: PreparedAction): Promise<Output> {
  const left = await deps.targets.rehearse(prepared);
  const effect = await deps.targets.verify(prepared);
  if (left.kind === 'unreadable') return { result: 'unknown', reason: `the target could not be read: ${left.said}` };
  if (left.kind === 'ready') {
    const requests = left.requests.map(({ method, path }) => `${method} ${path}`).join(', ');
    return { result: 'not-undone', reason: `it would still have to be put back: ${requests}` };
  }
  const gone = effect.checks.some(({ name, ok }) => ok && name.endsWith('-gone'));
  switch (effect.result) {
    case 'unknown':
      return { result: 'unknown', reason: `the target could not be read: ${seenOf(effect).detail}` };
    case 'contained':
      return gone
        ? { result: 'undone', reason: `nothing is left of it: ${seenOf(effect).detail}` }
        : { result: 'not-undone', reason: `its effect is still there: ${seenOf(effect).detail}` };
    case 'partial':
    case 'failed':
      return { result: 'undone', reason: `no longer found: ${failing(effect)}` };
  }
}
