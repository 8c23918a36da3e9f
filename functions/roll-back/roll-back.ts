import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { WritingTargets } from '../../connectors/targets/writing.ts';
import { actionInputSchema, type rollbackOutputSchema } from '../../domain/orchestration.ts';

export interface RollBackDeps {
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly targets: Pick<WritingTargets, 'rollBack'>;
  readonly now: () => Date;
}

/** Puts the before-state of one action back after its verification failed. The inverse was part of what was approved. */
export async function rollBack(deps: RollBackDeps, event: unknown): Promise<z.infer<typeof rollbackOutputSchema>> {
  const { incidentId, actionId, planKey } = actionInputSchema.parse(event);
  const { planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const result = await deps.targets.rollBack(planned.prepared);
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'roll-back' },
    kind: 'action.rolled-back',
    data: { actionId, action: planned.prepared.action, digest: planned.digest, ...result },
  });
  return { outcome: result.outcome, reason: result.reason };
}
