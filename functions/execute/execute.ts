import type * as z from 'zod';
import { loadAction } from '../../connectors/planned/load.ts';
import { type ExecutionSwitchStore, readSwitch } from '../../connectors/store/control-port.ts';
import type { ApprovalStore, AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { WritingTargets } from '../../connectors/targets/writing.ts';
import { identityOf } from '../../domain/actions/target.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { whyStopped } from '../../domain/control/execution-switch.ts';
import { executeInputSchema, type executeOutputSchema } from '../../domain/orchestration.ts';
import { whyNot } from './may-execute.ts';

export interface ExecuteDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly targets: Pick<WritingTargets, 'apply'>;
  readonly control: Pick<ExecutionSwitchStore, 'read'>;
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
  const refusal =
    whyStopped(await readSwitch(deps.control)) ?? whyNot({ config: deps.config, incident, planned, planKey, approval });
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
    uid: identityOf(prepared.target),
    requests: prepared.requests.map(({ method, path }) => ({ method, path })),
    inverse: prepared.inverse.map(({ method, path }) => ({ method, path })),
  });
  const result = await deps.targets.apply(prepared, approval?.decidedBy ?? 'parapet');
  await log('action.applied', { outcome: result.outcome, reason: result.reason, requests: result.requests });
  return { outcome: result.outcome, reason: result.reason };
}
