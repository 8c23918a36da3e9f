import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import type { ApprovalStore, AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { KubernetesAction } from '../../connectors/targets/catalogue.ts';
import { TargetError } from '../../connectors/targets/errors.ts';
import type { KubernetesWriter } from '../../connectors/targets/kubernetes/api.ts';
import type { ApplyResult, PreparedAction } from '../../domain/actions/action.ts';
import type { ExecutableAction } from '../../domain/analysis/analysis.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { executeInputSchema, type executeOutputSchema } from '../../domain/orchestration.ts';
import { whyNot } from './may-execute.ts';

export interface ExecuteDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly catalogue: Readonly<Record<ExecutableAction, KubernetesAction>>;
  readonly writer: (cluster: string) => KubernetesWriter | undefined;
  readonly now: () => Date;
}

/**
 * Executes one approved action. The journal entry with the inverse is written before the first request, so that a crash
 * in between leaves a record of what may have happened; running it again finds the effect and changes nothing more.
 */
export async function execute(deps: ExecuteDeps, event: unknown): Promise<z.infer<typeof executeOutputSchema>> {
  const { incidentId, actionId, planKey, approvalId } = executeInputSchema.parse(event);
  const { incident, planned } = await loadAction(deps, { incidentId, actionId, planKey });
  const { prepared } = planned;
  const approval = await deps.approvals.get(approvalId);
  const refusal = whyNot({ config: deps.config, incident, planned, planKey, approval });
  const log = async (kind: 'action.started' | 'action.applied', data: Record<string, unknown>): Promise<void> => {
    await deps.audit.append({
      chain: incidentId,
      at: deps.now().toISOString(),
      actor: { type: 'function', id: 'execute' },
      kind,
      data: { actionId, action: prepared.action, digest: planned.digest, approvalId, ...data },
    });
  };
  if (refusal !== undefined) {
    await log('action.applied', { outcome: 'refused', reason: refusal, requests: [] });
    return { outcome: 'refused', reason: refusal };
  }
  await log('action.started', {
    decidedBy: approval?.decidedBy,
    target: prepared.target.entity.canonical,
    uid: prepared.target.uid,
    requests: prepared.requests.map(({ method, path }) => ({ method, path })),
    inverse: prepared.inverse.map(({ method, path }) => ({ method, path })),
  });
  const result = await apply(deps, prepared);
  await log('action.applied', { outcome: result.outcome, reason: result.reason, requests: result.requests });
  return { outcome: result.outcome, reason: result.reason };
}

async function apply(deps: ExecuteDeps, prepared: PreparedAction): Promise<ApplyResult> {
  const writer = deps.writer(prepared.target.cluster);
  if (writer === undefined) {
    return {
      outcome: 'refused',
      reason: `Cluster ${prepared.target.cluster} is not in the configuration.`,
      requests: [],
    };
  }
  try {
    return await deps.catalogue[prepared.action].apply(writer, prepared);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { outcome: error.kind === 'denied' ? 'denied' : 'failed', reason: `${error.message}.`, requests: [] };
  }
}
