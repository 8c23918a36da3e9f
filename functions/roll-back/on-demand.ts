import type * as z from 'zod';
import { loadAction, PlanMismatchError } from '../../connectors/planned/load.ts';
import { type ExecutionSwitchStore, readSwitch } from '../../connectors/store/control-port.ts';
import type { ApprovalStore, AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { ExactRollback, ExactTargets } from '../../connectors/targets/exact.ts';
import { identityOf } from '../../domain/actions/target.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import type { AuditRecord } from '../../domain/audit/entry.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { whyStopped } from '../../domain/control/execution-switch.ts';
import type { rollBackOnDemandOutputSchema } from '../../domain/undo/steps.ts';
import { type UndoPlanned, whyNotUndo } from './may-undo.ts';

export interface OnDemandDeps {
  readonly config: Configuration;
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly targets: ExactTargets;
  readonly control: Pick<ExecutionSwitchStore, 'read'>;
  readonly now: () => Date;
}

type Output = z.infer<typeof rollBackOnDemandOutputSchema>;

/**
 * Puts an executed action back because people approved that: by exactly the requests they approved. The journal entry comes
 * before the first request; an attempt that broke off after it is finished by reading the target.
 */
export async function rollBackOnDemand(
  deps: OnDemandDeps,
  of: UndoPlanned & { readonly planKey: string; readonly approvalId: string },
): Promise<Output> {
  const { incident, planned, undoes, planKey, approvalId } = of;
  const { incidentId, actionId } = planned.prepared;
  const original = await loadAction(deps, { incidentId, actionId, planKey: undoes.planKey });
  if (original.planned.digest !== undoes.digest)
    throw new PlanMismatchError(`plan ${undoes.planKey} no longer holds the action that is to be undone`);
  const approval = await deps.approvals.get(approvalId);
  const refusal =
    whyStopped(await readSwitch(deps.control)) ??
    whyNotUndo({ config: deps.config, incident, planned, planKey, approval });
  if (refusal !== undefined || approval?.decidedBy === undefined)
    return { outcome: 'refused', reason: refusal ?? 'Nobody decided.' };
  const begun = saidBefore(await deps.audit.read(incidentId), 'rollback.started', { approvalId });
  if (!begun) await journal(deps, of, approval);
  const result = await deps.targets.rollBackExactly(
    original.planned.prepared,
    approval.decidedBy,
    planned.prepared.requests,
  );
  const told = outcomeOf(result, begun);
  if (told.outcome !== 'refused') await sayDone(deps, of, { ...told, requests: result.requests });
  return told;
}

/** Nothing left to do, after an attempt that had begun: it was that attempt that did it. */
function outcomeOf({ outcome, reason }: ExactRollback, begun: boolean): Output {
  switch (outcome) {
    case 'changed':
      return { outcome: 'refused', reason };
    case 'nothing-to-undo':
      return begun
        ? { outcome: 'rolled-back', reason: `an earlier attempt had put it back: ${reason}` }
        : { outcome: 'refused', reason: `the target is no longer as it was left: ${reason}` };
    case 'rolled-back':
    case 'failed':
      return { outcome, reason };
  }
}

type Planned = UndoPlanned & { readonly approvalId: string };

async function journal(deps: OnDemandDeps, of: Planned, approval: Approval): Promise<void> {
  const { target, requests } = of.planned.prepared;
  await say(deps, of, 'rollback.started', {
    decidedBy: approval.decidedBy,
    target: target.entity.canonical,
    uid: identityOf(target),
    requests: requests.map(({ method, path }) => ({ method, path })),
  });
}

/** Once, also when the answer of this function was lost and it is called again. */
async function sayDone(
  deps: OnDemandDeps,
  of: Planned,
  result: Output & { readonly requests: readonly unknown[] },
): Promise<void> {
  const { approvalId } = of;
  const chain = await deps.audit.read(of.incident.incidentId);
  if (saidBefore(chain, 'action.rolled-back', { approvalId, outcome: result.outcome })) return;
  await say(deps, of, 'action.rolled-back', { ...result, onDemand: true });
}

async function say(
  deps: OnDemandDeps,
  { planned, undoes, approvalId }: Planned,
  kind: AuditRecord['kind'],
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { incidentId, actionId, action } = planned.prepared;
  await deps.audit.append({
    chain: incidentId,
    at: deps.now().toISOString(),
    actor: { type: 'function', id: 'roll-back' },
    kind,
    data: { actionId, action, digest: planned.digest, attempt: undoes.attempt, approvalId, ...data },
  });
}
