import { beforeAll, describe, expect, it } from 'vitest';
import { ConflictError, NotFoundError } from '../../connectors/store/ports.ts';
import type { Approval, Decision } from '../../domain/approval/approval.ts';
import { verifyChain } from '../../domain/audit/entry.ts';
import { chasingBehaviour } from './chasing-behaviour.ts';
import { pendingApproval } from './pending-approval.ts';
import type { Stores } from './stores.ts';
import { voteBehaviour } from './vote-behaviour.ts';

const now = new Date('2025-10-14T09:20:00.000Z');

export function approvalBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  voteBehaviour(name, make);
  chasingBehaviour(name, make);
  describe(`${name}: approvals`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    const pending = pendingApproval;
    const approve = ({ approvalId, planDigest }: Approval, given: Partial<Decision> = {}): Decision => ({
      approvalId,
      decision: 'approved',
      decidedBy: 'payments-lead',
      decidedAt: now.toISOString(),
      planDigest,
      comment: 'go ahead',
      ...given,
    });
    const asked = async (): Promise<Approval> => {
      const approval = pending();
      await stores.approvals.create(approval, 'token-1');
      return approval;
    };

    it('stores the question with its token, and hands the token to nobody but the delivery', async () => {
      const approval = pending();
      expect(await stores.approvals.create(approval, 'token-1')).toEqual({ approval, created: true });
      expect(await stores.approvals.get(approval.approvalId)).toEqual(approval);
      expect(JSON.stringify(await stores.approvals.forIncident(approval.incidentId))).not.toContain('token-1');
      expect(await stores.deliveries.tokenOf(approval.approvalId)).toBe('token-1');
    });

    it('asks once when a state is retried, and answers to its newest token - the old one reaches nobody', async () => {
      const approval = await asked();
      const again = { ...approval, createdAt: '2025-10-14T09:19:00.000Z' };
      expect(await stores.approvals.create(again, 'token-2')).toEqual({ approval, created: false });
      expect(await stores.deliveries.tokenOf(approval.approvalId)).toBe('token-2');
      expect(await stores.approvals.forIncident(approval.incidentId)).toEqual([approval]);
    });

    it('refuses the same id for another plan', async () => {
      const approval = await asked();
      const other = { ...approval, planDigest: 'e'.repeat(64) };
      await expect(stores.approvals.create(other, 'token-2')).rejects.toBeInstanceOf(ConflictError);
      expect(await stores.deliveries.tokenOf(approval.approvalId)).toBe('token-1');
    });

    it('records a decision together with its audit entry', async () => {
      const approval = await asked();
      const decision = approve(approval);
      expect(await stores.approvals.decide(decision, approval.incidentId, now)).toMatchObject({ status: 'APPROVED' });
      expect(await stores.approvals.get(approval.approvalId)).toEqual({
        ...approval,
        status: 'APPROVED',
        votes: [{ person: 'payments-lead', decision: 'approved', at: now.toISOString(), comment: 'go ahead' }],
        decidedBy: 'payments-lead',
        decidedAt: now.toISOString(),
        comment: 'go ahead',
      });
      const chain = await stores.audit.read(approval.incidentId);
      expect(verifyChain(approval.incidentId, chain)).toMatchObject({ ok: true, entries: 1 });
      expect(chain[0]).toMatchObject({
        kind: 'approval.decided',
        actor: { type: 'person', id: 'payments-lead' },
        data: { approvalId: approval.approvalId, actionId: 'A1', decision: 'approved', planDigest: 'd'.repeat(64) },
      });
    });

    it('decides once when a thousand decide at once, with one audit entry', { timeout: 180_000 }, async () => {
      const approval = await asked();
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, index) =>
          stores.approvals.decide(
            approve(approval, { decidedBy: `approver-${index}`, decision: index % 2 ? 'approved' : 'rejected' }),
            approval.incidentId,
            now,
          ),
        ),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await stores.audit.read(approval.incidentId)).toHaveLength(1);
    });

    it('says yes again to the decision that was made - its first answer may have been lost', async () => {
      const approval = await asked();
      const decision = approve(approval);
      await stores.approvals.decide(decision, approval.incidentId, now);
      expect(await stores.approvals.decide(decision, approval.incidentId, now)).toMatchObject({ status: 'APPROVED' });
      expect(await stores.audit.read(approval.incidentId)).toHaveLength(1);
    });

    it.each([
      ['another plan was made meanwhile', { planDigest: 'e'.repeat(64) }, now],
      ['it has expired', {}, new Date('2025-10-14T09:48:00.000Z')],
      ['it does not exist', { approvalId: 'apr-missing' }, now],
    ])('does not decide when %s, and writes no entry', async (_, given, at) => {
      const approval = await asked();
      expect(await stores.approvals.decide(approve(approval, given), approval.incidentId, at)).toBeUndefined();
      expect(await stores.approvals.get(approval.approvalId)).toEqual(approval);
      expect(await stores.audit.read(approval.incidentId)).toEqual([]);
    });

    it('does not decide under the name of another incident - its entry would be in the wrong chain', async () => {
      const [approval, other] = [await asked(), await asked()];
      expect(await stores.approvals.decide(approve(approval), other.incidentId, now)).toBeUndefined();
    });

    it('decides in the last moment before expiry', async () => {
      const approval = await asked();
      const last = new Date('2025-10-14T09:47:59.999Z');
      expect(await stores.approvals.decide(approve(approval), approval.incidentId, last)).toMatchObject({
        status: 'APPROVED',
      });
    });

    it('expires what is pending, and says what stands when it was decided first', async () => {
      const [left, decided] = [await asked(), await asked()];
      expect(await stores.approvals.expire(left.approvalId, now)).toEqual({ ...left, status: 'EXPIRED' });
      expect(await stores.approvals.decide(approve(left), left.incidentId, now)).toBeUndefined();
      await stores.approvals.decide(approve(decided), decided.incidentId, now);
      expect(await stores.approvals.expire(decided.approvalId, now)).toMatchObject({ status: 'APPROVED' });
      await expect(stores.approvals.expire('apr-missing', now)).rejects.toBeInstanceOf(NotFoundError);
    });

    it('closes what is still pending when the incident is over', async () => {
      const first = await asked();
      const second = { ...pending(), incidentId: first.incidentId, actionId: 'A2' };
      await stores.approvals.create(second, 'token-2');
      await stores.approvals.decide(approve(first), first.incidentId, now);
      expect(await stores.approvals.closePending(first.incidentId)).toEqual([second.approvalId]);
      expect(await stores.approvals.get(second.approvalId)).toMatchObject({ status: 'CLOSED' });
      expect(await stores.approvals.closePending(first.incidentId)).toEqual([]);
    });

    it('marks a delivery once', async () => {
      const approval = await asked();
      expect(await stores.deliveries.markDelivery(approval.approvalId, 'late')).toBe(true);
      expect(await stores.deliveries.markDelivery(approval.approvalId, 'delivered')).toBe(false);
      expect(await stores.approvals.get(approval.approvalId)).toMatchObject({ delivery: 'late' });
      expect(await stores.deliveries.tokenOf('apr-missing')).toBeUndefined();
    });

    it('lists the newest questions', async () => {
      const approval = { ...pending(), createdAt: new Date().toISOString() };
      await stores.approvals.create(approval, 'token-1');
      const ids = (await stores.approvals.list({ limit: 200 })).map(({ approvalId }) => approvalId);
      expect(ids).toContain(approval.approvalId);
    });
  });
}
