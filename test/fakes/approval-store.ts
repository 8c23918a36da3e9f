import type { ChasingStore } from '../../connectors/store/chasing-port.ts';
import { voteRecord } from '../../connectors/store/dynamodb/decide.ts';
import {
  type ApprovalClosing,
  type ApprovalStore,
  type AuditLog,
  ConflictError,
  type DeliveryStore,
  NotFoundError,
} from '../../connectors/store/ports.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { purposeOf } from '../../domain/approval/over.ts';
import { cast, isCast } from '../../domain/approval/votes.ts';
import { type Failing, failing } from './failures.ts';

type Port = ApprovalStore & ApprovalClosing & DeliveryStore & ChasingStore;
export type MemoryApprovalStore = Port & Failing<keyof Port>;

/** Approvals in memory. With `audit` a decision writes its entry there, as the real store does in one transaction. */
export function memoryApprovalStore(options: { readonly audit?: AuditLog } = {}): MemoryApprovalStore {
  const approvals = new Map<string, Approval>();
  const tokens = new Map<string, string>();
  /** When the step that was taken may be taken again. */
  const taken = new Map<string, number>();
  const dueAt = ({ approvalId, steps, stepsDone }: Approval): number =>
    taken.get(approvalId) ?? Date.parse(steps[stepsDone]?.at ?? '');
  const isDue = (approval: Approval, now: Date): boolean =>
    approval.status === 'PENDING' && dueAt(approval) <= now.getTime();
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
      if (approval === undefined || approval.incidentId !== incidentId) return undefined;
      if (isCast(approval, decision)) return approval;
      const after = cast(approval, decision, now);
      if (after === undefined) return undefined;
      approvals.set(decision.approvalId, after);
      try {
        await options.audit?.append(voteRecord(after, decision));
      } catch (error) {
        approvals.set(decision.approvalId, approval);
        throw error;
      }
      return after;
    },
    async expire(approvalId) {
      const approval = approvals.get(approvalId);
      if (approval === undefined) throw new NotFoundError(`there is no approval ${approvalId}`);
      leavePending(approval, 'EXPIRED');
      return approvals.get(approvalId) ?? approval;
    },
    async closePending(incidentId) {
      return ofIncident(incidentId)
        .filter((approval) => purposeOf(approval) === 'apply' && leavePending(approval, 'CLOSED'))
        .map(({ approvalId }) => approvalId);
    },
    async due(now, limit) {
      return [...approvals.values()]
        .filter((approval) => isDue(approval, now))
        .sort((a, b) => dueAt(a) - dueAt(b))
        .slice(0, limit);
    },
    async take({ approvalId, stepsDone }, now, leaseSeconds) {
      const approval = approvals.get(approvalId);
      if (approval === undefined || approval.stepsDone !== stepsDone || !isDue(approval, now)) return false;
      taken.set(approvalId, now.getTime() + leaseSeconds * 1000);
      return true;
    },
    async askAlso(approvalId, people) {
      const approval = approvals.get(approvalId);
      if (approval?.status !== 'PENDING') return undefined;
      const after = { ...approval, approvers: [...new Set([...approval.approvers, ...people])] };
      approvals.set(approvalId, after);
      return after;
    },
    async finish({ approvalId, stepsDone }) {
      const approval = approvals.get(approvalId);
      if (approval?.status !== 'PENDING' || approval.stepsDone !== stepsDone) return;
      approvals.set(approvalId, { ...approval, stepsDone: stepsDone + 1 });
      taken.delete(approvalId);
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
