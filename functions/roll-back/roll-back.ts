import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import { type ExecutionSwitchStore, readSwitch } from '../../connectors/store/control-port.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { WritingTargets } from '../../connectors/targets/writing.ts';
import type { RollbackResult } from '../../domain/actions/action.ts';
import { whyStopped } from '../../domain/control/execution-switch.ts';
import { actionInputSchema, type rollbackOutputSchema } from '../../domain/orchestration.ts';

export interface RollBackDeps {
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly targets: Pick<WritingTargets, 'rollBack'>;
  readonly control: Pick<ExecutionSwitchStore, 'read'>;
  readonly now: () => Date;
}

/** Puts the before-state of one action back after its verification failed. The inverse was part of what was approved. */
export async function rollBack(deps: RollBackDeps, event: unknown): Promise<z.infer<typeof rollbackOutputSchema>> {
  const { incidentId, actionId, planKey } = actionInputSchema.parse(event);
  const { planned } = await loadAction(deps, { incidentId, actionId, planKey });
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
