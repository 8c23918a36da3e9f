import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { KubernetesAction } from '../../connectors/targets/catalogue.ts';
import { TargetError } from '../../connectors/targets/errors.ts';
import type { KubernetesWriter } from '../../connectors/targets/kubernetes/api.ts';
import type { PreparedAction, RollbackResult } from '../../domain/actions/action.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import { actionInputSchema, type rollbackOutputSchema } from '../../domain/orchestration.ts';

export interface RollBackDeps {
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly catalogue: Readonly<Record<ExecutableAction, KubernetesAction>>;
  readonly writer: (cluster: string) => KubernetesWriter | undefined;
  readonly now: () => Date;
}

/** Puts the before-state of one action back after its verification failed. The inverse was part of what was approved. */
export async function rollBack(deps: RollBackDeps, event: unknown): Promise<z.infer<typeof rollbackOutputSchema>> {
  const { incidentId, actionId, planKey } = actionInputSchema.parse(event);
  const { planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const result = await undo(deps, planned.prepared);
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'roll-back' },
    kind: 'action.rolled-back',
    data: { actionId, action: planned.prepared.action, digest: planned.digest, ...result },
  });
  return { outcome: result.outcome, reason: result.reason };
}

async function undo(deps: RollBackDeps, prepared: PreparedAction): Promise<RollbackResult> {
  const writer = deps.writer(prepared.target.cluster);
  if (writer === undefined) {
    return {
      outcome: 'failed',
      reason: `Cluster ${prepared.target.cluster} is not in the configuration.`,
      requests: [],
    };
  }
  try {
    return await deps.catalogue[prepared.action].rollBack(writer, prepared);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { outcome: 'failed', reason: `${error.message}.`, requests: [] };
  }
}
