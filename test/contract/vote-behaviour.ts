import { beforeAll, describe, expect, it } from 'vitest';
import type { Approval } from '../../domain/approval/approval.ts';
import { verifyChain } from '../../domain/audit/entry.ts';
import { decisionOf, pendingApproval } from './pending-approval.ts';
import type { Stores } from './stores.ts';

const now = new Date('2025-10-14T09:20:00.000Z');

export function voteBehaviour(name: string, make: () => Stores | Promise<Stores>): void {
  describe(`${name}: votes`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    const asked = async (change: Partial<Approval> = {}): Promise<Approval> => {
      const approval = pendingApproval({ quorum: 2, approvers: ['dana', 'sam', 'kim'], ...change });
      await stores.approvals.create(approval, 'token-1');
      return approval;
    };
    const vote = (approval: Approval, person: string, given = {}, known?: Approval) =>
      stores.approvals.decide(decisionOf(approval, person, given), approval.incidentId, now, known);
    const kinds = async ({ incidentId }: Approval) => (await stores.audit.read(incidentId)).map(({ kind }) => kind);

    it('stay pending until the quorum is there, each with its own audit entry', async () => {
      const approval = await asked();
      const first = await vote(approval, 'dana', { comment: 'go' });
      expect(first).toEqual({
        ...approval,
        votes: [{ person: 'dana', decision: 'approved', at: now.toISOString(), comment: 'go' }],
      });
      expect(await stores.approvals.get(approval.approvalId)).toEqual(first);
      expect(await vote(approval, 'sam')).toMatchObject({ status: 'APPROVED', decidedBy: 'sam' });
      expect(await kinds(approval)).toEqual(['approval.voted', 'approval.decided']);
      const chain = await stores.audit.read(approval.incidentId);
      expect(chain[1]?.data).toMatchObject({ approvals: ['dana', 'sam'], quorum: 2 });
      expect(verifyChain(approval.incidentId, chain)).toMatchObject({ ok: true, entries: 2 });
    });

    it('count nobody twice, whether they ask again or decide in the place of who has voted', async () => {
      const approval = await asked();
      await vote(approval, 'dana');
      const later = { decidedAt: '2025-10-14T09:21:00.000Z' };
      expect(await vote(approval, 'dana', later)).toBeUndefined();
      expect(await vote(approval, 'dana', { ...later, decision: 'rejected' })).toBeUndefined();
      expect(await vote(approval, 'kim', { ...later, onBehalfOf: 'dana' })).toBeUndefined();
      expect(await stores.approvals.get(approval.approvalId)).toMatchObject({ status: 'PENDING', votes: [{}] });
      expect(await kinds(approval)).toEqual(['approval.voted']);
    });

    it('say yes again to the vote that was cast - its first answer may have been lost', async () => {
      const approval = await asked();
      await vote(approval, 'dana');
      expect(await vote(approval, 'dana')).toMatchObject({ status: 'PENDING', votes: [{ person: 'dana' }] });
      expect(await kinds(approval)).toEqual(['approval.voted']);
    });

    it('end with one rejection, its reason and its words, although somebody had approved', async () => {
      const approval = await asked();
      await vote(approval, 'dana');
      const said = { decision: 'rejected', reason: 'wrong-target', comment: 'not this pod' } as const;
      expect(await vote(approval, 'sam', said)).toMatchObject({
        status: 'REJECTED',
        decidedBy: 'sam',
        reason: said.reason,
        comment: said.comment,
      });
      expect(await stores.approvals.get(approval.approvalId)).toMatchObject({
        status: 'REJECTED',
        reason: 'wrong-target',
        votes: [{ decision: 'approved' }, { decision: 'rejected', reason: 'wrong-target', comment: 'not this pod' }],
      });
      expect(await vote(approval, 'kim')).toBeUndefined();
      const last = (await stores.audit.read(approval.incidentId)).at(-1);
      expect(last).toMatchObject({
        kind: 'approval.decided',
        data: { reason: 'wrong-target', comment: 'not this pod' },
      });
    });

    it('are not lost when the caller read the approval before somebody else voted', async () => {
      const approval = await asked();
      await vote(approval, 'dana', {}, approval);
      expect(await vote(approval, 'sam', {}, approval)).toMatchObject({
        status: 'APPROVED',
        votes: [{ person: 'dana' }, { person: 'sam' }],
      });
    });

    it('reach the quorum exactly once when many people, each twice, approve at once', {
      timeout: 120_000,
    }, async () => {
      const approval = await asked({ quorum: 3 });
      const people = Array.from({ length: 12 }, (_, index) => `person-${index % 6}`);
      const answers = await Promise.all(
        people.map((person, index) => vote(approval, person, { decidedAt: `2025-10-14T09:20:00.${100 + index}Z` })),
      );
      expect(answers.filter((after) => after !== undefined)).toHaveLength(3);
      const after = await stores.approvals.get(approval.approvalId);
      expect(after?.status).toBe('APPROVED');
      expect(new Set(after?.votes.map(({ person }) => person)).size).toBe(3);
      expect(await kinds(approval)).toEqual(['approval.voted', 'approval.voted', 'approval.decided']);
    });

    it('that are opposite and arrive at once leave one decision that all agree on', { timeout: 120_000 }, async () => {
      const approval = await asked();
      await Promise.all([
        vote(approval, 'dana'),
        vote(approval, 'sam', { decision: 'rejected', reason: 'other' }),
        vote(approval, 'kim'),
      ]);
      const after = await stores.approvals.get(approval.approvalId);
      const rejected = after?.votes.some(({ decision }) => decision === 'rejected');
      expect(after?.status).toBe(rejected ? 'REJECTED' : 'APPROVED');
      expect((await kinds(approval)).filter((kind) => kind === 'approval.decided')).toHaveLength(1);
      expect(await stores.audit.read(approval.incidentId)).toHaveLength(after?.votes.length ?? 0);
    });
  });
}
