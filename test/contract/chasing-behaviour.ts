import { beforeAll, describe, expect, it } from 'vitest';
import type { Approval } from '../../domain/approval/approval.ts';
import { decisionOf, pendingApproval } from './pending-approval.ts';
import type { Stores } from './stores.ts';

const asIso = (minute: number) => `2025-10-14T09:${String(minute).padStart(2, '0')}:00.000Z`;
const at = (minute: number) => new Date(asIso(minute));

export function chasingBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`${name}: next steps of approvals`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    const asked = async (change: Partial<Approval> = {}): Promise<Approval> => {
      const approval = pendingApproval({
        steps: [
          { kind: 'escalate', at: asIso(25), group: 'on-call' },
          { kind: 'remind', at: asIso(35) },
        ],
        ...change,
      });
      await stores.approvals.create(approval, 'token-1');
      return approval;
    };
    const isDue = async ({ approvalId }: Approval, minute: number) =>
      (await stores.chasing.due(at(minute), 1000)).some((one) => one.approvalId === approvalId);

    it('are due at their time and not before; an approval without steps never is', async () => {
      const [approval, quiet] = [await asked(), await asked({ steps: [] })];
      expect([await isDue(approval, 24), await isDue(approval, 25)]).toEqual([false, true]);
      expect(await isDue(quiet, 47)).toBe(false);
    });

    it('are taken by one of many at once', async () => {
      const approval = await asked();
      const taken = await Promise.all(Array.from({ length: 10 }, () => stores.chasing.take(approval, at(26), 120)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await isDue(approval, 26)).toBe(false);
    });

    it('come again when whoever took them never finished', async () => {
      const approval = await asked();
      await stores.chasing.take(approval, at(26), 120);
      expect([await isDue(approval, 27), await isDue(approval, 28)]).toEqual([false, true]);
      expect(await stores.chasing.take(approval, at(28), 120)).toBe(true);
    });

    it('happen one after the other, and no more after the last', async () => {
      const approval = await asked();
      await stores.chasing.take(approval, at(26), 120);
      await stores.chasing.finish(approval);
      expect([await isDue(approval, 34), await isDue(approval, 35)]).toEqual([false, true]);
      expect(await stores.chasing.take(approval, at(35), 120)).toBe(false);
      const second = await stores.approvals.get(approval.approvalId);
      expect(second?.stepsDone).toBe(1);
      if (second === undefined) return;
      expect(await stores.chasing.take(second, at(35), 120)).toBe(true);
      await stores.chasing.finish(second);
      expect(await isDue(approval, 47)).toBe(false);
    });

    it('end with the question: decided, expired or closed', async () => {
      const [decided, expired, closed] = [await asked(), await asked(), await asked()];
      await stores.approvals.decide(decisionOf(decided, 'payments-lead'), decided.incidentId, at(20));
      await stores.approvals.expire(expired.approvalId, at(20));
      await stores.approvals.closePending(closed.incidentId);
      for (const approval of [decided, expired, closed]) {
        expect(await isDue(approval, 26)).toBe(false);
        expect(await stores.chasing.take(approval, at(26), 120)).toBe(false);
        expect(await stores.chasing.askAlso(approval.approvalId, ['kim'])).toBeUndefined();
      }
    });

    it('go on after a vote that did not decide', async () => {
      const approval = await asked({ quorum: 2 });
      await stores.approvals.decide(decisionOf(approval, 'payments-lead'), approval.incidentId, at(20));
      expect(await isDue(approval, 26)).toBe(true);
    });

    it('let more people decide, each once however often it is said', async () => {
      const approval = await asked();
      await stores.chasing.askAlso(approval.approvalId, ['kim', 'payments-lead']);
      const after = await stores.chasing.askAlso(approval.approvalId, ['kim']);
      expect(after?.approvers).toEqual(['payments-lead', 'kim']);
      expect((await stores.approvals.get(approval.approvalId))?.approvers).toEqual(['payments-lead', 'kim']);
    });

    it('are looked at the longest due first and not more than asked for', async () => {
      const late = await asked();
      const later = await asked({ steps: [{ kind: 'remind', at: asIso(24) }] });
      const order = (await stores.chasing.due(at(47), 1000)).map(({ approvalId }) => approvalId);
      expect(order.indexOf(later.approvalId)).toBeLessThan(order.indexOf(late.approvalId));
      expect(await stores.chasing.due(at(47), 1)).toHaveLength(1);
    });
  });
}
