import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { ApprovalStore, AuditLog, DeliveryStore, IncidentStore } from '../../connectors/store/ports.ts';
import type { Answered, Workflow } from '../../connectors/workflow/workflow.ts';
import type { Approval, Decision } from '../../domain/approval/approval.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { recordsOf, type StreamRecord } from './stream.ts';

export interface DeliverDecisionDeps {
  readonly approvals: Pick<ApprovalStore, 'get'>;
  readonly deliveries: DeliveryStore;
  readonly incidents: Pick<IncidentStore, 'update'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly workflow: Workflow;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Tells the waiting execution what was decided, until it was told or no longer waits. The records are independent of each
 * other: one that fails is reported and comes again, those behind it come again with it and find their work done.
 * @throws z.ZodError when the event is no batch, UnreadableRecordError when a record cannot even be named as failed
 */
export async function deliverDecisions(deps: DeliverDecisionDeps, event: unknown): Promise<BatchAnswer> {
  const failures: { itemIdentifier: string }[] = [];
  for (const record of recordsOf(event)) {
    const ok = await deliverRecord(deps, record);
    if (ok) continue;
    if (record.sequence === undefined) throw new UnreadableRecordError('a stream record has no sequence number');
    failures.push({ itemIdentifier: record.sequence });
  }
  return { batchItemFailures: failures };
}

/** Fails the whole batch, which ends in the stream's dead-letter queue: nothing is dropped silently. */
export class UnreadableRecordError extends Error {
  override readonly name = 'UnreadableRecordError';
}

async function deliverRecord(deps: DeliverDecisionDeps, record: StreamRecord): Promise<boolean> {
  switch (record.kind) {
    case 'other':
      return true;
    case 'unreadable':
      deps.telemetry.error('stream record cannot be read', { sequence: record.sequence });
      return false;
    case 'approval':
      try {
        await deliver(deps, record.approvalId);
        return true;
      } catch (error) {
        deps.telemetry.error('decision not delivered yet', { approvalId: record.approvalId }, error);
        return false;
      }
  }
}

async function deliver(deps: DeliverDecisionDeps, approvalId: string): Promise<void> {
  const approval = await deps.approvals.get(approvalId);
  const decision = approval && decisionOf(approval);
  if (approval === undefined || decision === undefined || approval.delivery !== 'waiting') return;
  if (purposeOf(approval) === 'apply') await moveOn(deps, approval.incidentId, decision.decidedAt);
  const said = await deps.audit.read(approval.incidentId);
  // Told and written down, but a crash kept the mark from being set: nobody needs to be told again.
  const answered: Answered = saidBefore(said, 'decision.delivered', { approvalId })
    ? { outcome: 'accepted' }
    : await tell(deps, decision);
  if (answered.outcome === 'accepted' || wasTakenUp(said, approvalId)) {
    await conclude(deps, approval, { delivery: 'delivered', kind: 'decision.delivered', data: {} });
  } else {
    await conclude(deps, approval, { delivery: 'late', kind: 'decision.late', data: { reason: answered.reason } });
    deps.telemetry.count('DecisionLate');
  }
}

/** A failing update of the incident's times must not keep the decision from whoever waits for it. */
async function moveOn(deps: DeliverDecisionDeps, incidentId: string, decidedAt: string): Promise<void> {
  try {
    await deps.incidents.update(incidentId, { status: 'responding', times: { decided: decidedAt } });
  } catch (error) {
    deps.telemetry.error('incident not updated after a decision', { incidentId }, error);
  }
}

function decisionOf(approval: Approval): Decision | undefined {
  const { status, decidedBy, decidedAt, comment, reason } = approval;
  if ((status !== 'APPROVED' && status !== 'REJECTED') || decidedBy === undefined || decidedAt === undefined)
    return undefined;
  return {
    approvalId: approval.approvalId,
    decision: status === 'APPROVED' ? 'approved' : 'rejected',
    decidedBy,
    decidedAt,
    planDigest: approval.planDigest,
    ...(comment === undefined ? {} : { comment }),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function tell(deps: DeliverDecisionDeps, decision: Decision): Promise<Answered> {
  const token = await deps.deliveries.tokenOf(decision.approvalId);
  if (token === undefined) return { outcome: 'gone', reason: 'no task token is stored for this question' };
  return await deps.workflow.succeed(token, decision);
}

/**
 * A delivery that succeeded but crashed before it was written down comes again, and the token is then used up. If the
 * action, or its undo, was started for this approval, the decision did arrive.
 */
function wasTakenUp(said: readonly AuditEntry[], approvalId: string): boolean {
  return saidBefore(said, 'action.started', { approvalId }) || saidBefore(said, 'rollback.started', { approvalId });
}

/**
 * The audit entry first, then the mark: a crash between them repeats both, and the entry is not written twice.
 * The other order could lose the entry for good.
 */
async function conclude(
  deps: DeliverDecisionDeps,
  approval: Approval,
  end: {
    readonly delivery: 'delivered' | 'late';
    readonly kind: 'decision.delivered' | 'decision.late';
    readonly data: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { approvalId, actionId, incidentId } = approval;
  if (!saidBefore(await deps.audit.read(incidentId), end.kind, { approvalId })) {
    await deps.audit.append({
      chain: incidentId,
      at: deps.now().toISOString(),
      actor: { type: 'function', id: 'deliver-decision' },
      kind: end.kind,
      data: { approvalId, actionId, ...end.data },
    });
  }
  await deps.deliveries.markDelivery(approvalId, end.delivery);
}
