import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import { readSwitch } from '../../connectors/store/control-port.ts';
import type { WritingTargets } from '../../connectors/targets/writing.ts';
import type { RollbackResult } from '../../domain/actions/action.ts';
import { whyStopped } from '../../domain/control/execution-switch.ts';
import { rollBackInputSchema, type rollBackOnDemandOutputSchema } from '../../domain/undo/steps.ts';
import { type OnDemandDeps, rollBackOnDemand } from './on-demand.ts';

export interface RollBackDeps extends OnDemandDeps {
  readonly targets: Pick<WritingTargets, 'rollBack'> & OnDemandDeps['targets'];
}

/**
 * Puts the before-state of one action back: by itself after its verification failed, since the inverse was part of what was
 * approved; at any later time only with an approval of that undo. Which of the two it is, the plan says and not the caller.
 */
export async function rollBack(
  deps: RollBackDeps,
  event: unknown,
): Promise<z.infer<typeof rollBackOnDemandOutputSchema>> {
  const { incidentId, actionId, planKey, approvalId } = rollBackInputSchema.parse(event);
  const { incident, planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const { undoes } = planned.prepared;
  if (undoes !== undefined) {
    return approvalId === undefined
      ? { outcome: 'refused', reason: 'An undo on demand needs an approval of its own.' }
      : await rollBackOnDemand(deps, { incident, planned, undoes, planKey, approvalId });
  }
  if (approvalId !== undefined)
    return { outcome: 'refused', reason: 'The plan is that of an action, and not of its undo.' };
  const stopped = whyStopped(await readSwitch(deps.control));
  const result: RollbackResult =
    stopped === undefined
      ? await deps.targets.rollBack(planned.prepared, 'parapet')
      : { outcome: 'failed', reason: stopped, requests: [] };
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'roll-back' },
    kind: 'action.rolled-back',
    data: { actionId, action: planned.prepared.action, digest: planned.digest, ...result },
  });
  return { outcome: result.outcome, reason: result.reason };
}
