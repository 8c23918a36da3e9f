import { decisionRecord } from '../../connectors/store/dynamodb/decide.ts';
import {
  type ApprovalClosing,
  type ApprovalStore,
  type AuditLog,
  ConflictError,
  type DeliveryStore,
  NotFoundError,
} from '../../connectors/store/ports.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { type Failing, failing } from './failures.ts';

type Port = ApprovalStore & ApprovalClosing & DeliveryStore;
export type MemoryApprovalStore = Port & Failing<keyof Port>;

/** Approvals in memory. With `audit` a decision writes its entry there, as the real store does in one transaction. */
export function memoryApprovalStore(options: { readonly audit?: AuditLog } = {}): MemoryApprovalStore {
  const approvals = new Map<string, Approval>();
  const tokens = new Map<string, string>();
  const ofIncident = (incidentId: string): Approval[] =>
    [...approvals.values()]
      .filter((approval) => approval.incidentId === incidentId)
      .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const leavePending = (approval: Approval, status: 'EXPIRED' | 'CLOSED'): boolean => {
    if (approval.status !== 'PENDING') return false;
    approvals.set(approval.approvalId, { ...approval, status });
    return true;
  };
  return failing({
    async create(approval, taskToken) {
      const existing = approvals.get(approval.approvalId);
      if (existing === undefined) {
        approvals.set(approval.approvalId, approval);
        tokens.set(approval.approvalId, taskToken);
        return { approval, created: true };
      }
      if (
        existing.incidentId !== approval.incidentId ||
        existing.actionId !== approval.actionId ||
        existing.planDigest !== approval.planDigest
      ) {
        throw new ConflictError(`approval ${approval.approvalId} exists for another incident, action or plan`);
      }
      if (existing.delivery === 'waiting') tokens.set(approval.approvalId, taskToken);
      return { approval: existing, created: false };
    },
    async get(approvalId) {
      return approvals.get(approvalId);
    },
    async forIncident(incidentId) {
      return ofIncident(incidentId);
    },
    async list({ limit }) {
      return [...approvals.values()].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)).slice(0, limit);
    },
    async decide(decision, incidentId, now) {
      const approval = approvals.get(decision.approvalId);
      if (approval === undefined || approval.incidentId !== incidentId) return false;
      const status = decision.decision === 'approved' ? 'APPROVED' : 'REJECTED';
      if (
        approval.status === status &&
        approval.decidedBy === decision.decidedBy &&
        approval.decidedAt === decision.decidedAt &&
        approval.planDigest === decision.planDigest
      ) {
        return true;
      }
      const open =
        approval.status === 'PENDING' &&
        approval.planDigest === decision.planDigest &&
        Date.parse(approval.expiresAt) > now.getTime();
      if (!open) return false;
      approvals.set(decision.approvalId, {
        ...approval,
        status,
        decidedBy: decision.decidedBy,
        decidedAt: decision.decidedAt,
        ...(decision.comment === undefined ? {} : { comment: decision.comment }),
      });
      try {
        await options.audit?.append(decisionRecord(approval, decision));
      } catch (error) {
        approvals.set(decision.approvalId, approval);
        throw error;
      }
      return true;
    },
    async expire(approvalId) {
      const approval = approvals.get(approvalId);
      if (approval === undefined) throw new NotFoundError(`there is no approval ${approvalId}`);
      leavePending(approval, 'EXPIRED');
      return approvals.get(approvalId) ?? approval;
    },
    async closePending(incidentId) {
      return ofIncident(incidentId)
        .filter((approval) => leavePending(approval, 'CLOSED'))
        .map(({ approvalId }) => approvalId);
    },
    async tokenOf(approvalId) {
      return tokens.get(approvalId);
    },
    async markDelivery(approvalId, delivery) {
      const approval = approvals.get(approvalId);
      if (approval?.delivery !== 'waiting') return false;
      approvals.set(approvalId, { ...approval, delivery });
      return true;
    },
  } satisfies Port);
}
