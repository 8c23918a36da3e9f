import type * as z from 'zod';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { ApprovalStore, AuditLog } from '../../connectors/store/ports.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { saidBefore } from '../../domain/approval/history.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { expireInputSchema, type expireOutputSchema } from '../../domain/orchestration.ts';

export interface ExpireApprovalDeps {
  readonly approvals: Pick<ApprovalStore, 'forIncident' | 'expire'>;
  readonly audit: Pick<AuditLog, 'append' | 'read'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/**
 * Closes the newest question about an action after its wait ended, and finds out whether somebody had decided in the
 * meantime. Silence is never consent: both outcomes execute nothing.
 */
export async function expireApproval(
  deps: ExpireApprovalDeps,
  event: unknown,
): Promise<z.infer<typeof expireOutputSchema>> {
  const { incidentId, actionId, purpose } = expireInputSchema.parse(event);
  const asked = (await deps.approvals.forIncident(incidentId)).filter(
    (approval) => approval.actionId === actionId && purposeOf(approval) === purpose,
  );
  const newest = asked.reduce<Approval | undefined>(
    (latest, approval) => (latest && Date.parse(latest.createdAt) > Date.parse(approval.createdAt) ? latest : approval),
    undefined,
  );
  if (newest === undefined) {
    // The wait can end before the question was stored: then nobody was asked, and nobody answered.
    deps.telemetry.warn('no question to expire', { incidentId, actionId });
    return { outcome: 'expired' };
  }
  const now = deps.now();
  const approval = await deps.approvals.expire(newest.approvalId, now);
  if (approval.status === 'APPROVED' || approval.status === 'REJECTED') return { outcome: 'decided-too-late' };
  await sayExpired(deps, approval, now);
  deps.telemetry.count('ApprovalExpired');
  return { outcome: 'expired' };
}

async function sayExpired(deps: ExpireApprovalDeps, approval: Approval, now: Date): Promise<void> {
  const { approvalId, actionId, incidentId, expiresAt, quorum, votes } = approval;
  if (saidBefore(await deps.audit.read(incidentId), 'approval.expired', { approvalId })) return;
  await deps.audit.append({
    chain: incidentId,
    at: now.toISOString(),
    actor: { type: 'function', id: 'expire-approval' },
    kind: 'approval.expired',
    // Who had approved without reaching the quorum: silence of the others is a rejection.
    data: {
      approvalId,
      actionId,
      expiresAt,
      status: approval.status,
      quorum,
      approvals: votes.map(({ person }) => person),
    },
  });
}
