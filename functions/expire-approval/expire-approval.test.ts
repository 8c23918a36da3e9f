import { beforeEach, describe, expect, it } from 'vitest';
import { expireOutputSchema } from '../../domain/orchestration.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  INCIDENT_ID,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { type ExpireApprovalDeps, expireApproval } from './expire-approval.ts';

const INPUT = { incidentId: INCIDENT_ID, actionId: 'A1' };
const ID = storyApproval().approvalId;
const NOW = new Date('2025-10-14T09:52:00.000Z');

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let deps: ExpireApprovalDeps;

beforeEach(async () => {
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  deps = { ...stores, telemetry, now: () => NOW };
});
const entries = async () => (await stores.audit.read(INCIDENT_ID)).map(({ kind, data }) => ({ kind, data }));

describe('expiring a question', () => {
  it('closes it and says so once, also when the state is retried', async () => {
    expect(expireOutputSchema.parse(await expireApproval(deps, INPUT))).toEqual({ outcome: 'expired' });
    expect(await expireApproval(deps, INPUT)).toEqual({ outcome: 'expired' });
    expect(await stores.approvals.get(ID)).toEqual(storyApproval({ status: 'EXPIRED' }));
    expect(await entries()).toEqual([
      {
        kind: 'approval.expired',
        data: {
          approvalId: ID,
          actionId: 'A1',
          expiresAt: storyApproval().expiresAt,
          status: 'EXPIRED',
          quorum: 1,
          approvals: [],
        },
      },
    ]);
  });

  it.each(['approved', 'rejected'] as const)(
    'finds that it was %s in the meantime - too late to be carried out',
    async (decision) => {
      const { planDigest } = storyApproval();
      await stores.approvals.decide(
        { approvalId: ID, decision, decidedBy: 'dana', decidedAt: ASKED_AT.toISOString(), planDigest },
        INCIDENT_ID,
        ASKED_AT,
      );
      expect(await expireApproval(deps, INPUT)).toEqual({ outcome: 'decided-too-late' });
      expect((await stores.approvals.get(ID))?.status).toBe(decision.toUpperCase());
      expect((await entries()).map(({ kind }) => kind)).toEqual(['approval.decided']);
    },
  );

  it('is a rejection by silence although one of two had approved', async () => {
    stores = await storyStores({ asked: false });
    deps = { ...deps, ...stores };
    await stores.approvals.create(storyApproval({ quorum: 2 }), 'token');
    const { planDigest } = storyApproval();
    await stores.approvals.decide(
      { approvalId: ID, decision: 'approved', decidedBy: 'dana', decidedAt: ASKED_AT.toISOString(), planDigest },
      INCIDENT_ID,
      ASKED_AT,
    );
    expect(await expireApproval(deps, INPUT)).toEqual({ outcome: 'expired' });
    expect((await entries()).at(-1)).toMatchObject({
      kind: 'approval.expired',
      data: { quorum: 2, approvals: ['dana'] },
    });
  });

  it('looks at the newest question about the action and leaves other actions alone', async () => {
    const newer = storyApproval({ approvalId: 'apr-newer', planDigest: 'n'.repeat(64), createdAt: NOW.toISOString() });
    const other = storyApproval({ approvalId: 'apr-other', planDigest: 'o'.repeat(64), actionId: 'A2' });
    await stores.approvals.create(newer, 't');
    await stores.approvals.create(other, 't');
    await expireApproval(deps, INPUT);
    const statuses = (await stores.approvals.forIncident(INCIDENT_ID)).map(({ approvalId, status }) => [
      approvalId,
      status,
    ]);
    expect(Object.fromEntries(statuses)).toEqual({ [ID]: 'PENDING', 'apr-newer': 'EXPIRED', 'apr-other': 'PENDING' });
  });

  it('is harmless when the question was never stored', async () => {
    expect(await expireApproval(deps, { ...INPUT, actionId: 'A9' })).toEqual({ outcome: 'expired' });
    expect(telemetry.said).toContainEqual(expect.objectContaining({ level: 'warn', event: 'no question to expire' }));
    expect(await entries()).toEqual([]);
  });

  it('fails, to be retried, while the store does not answer', async () => {
    stores.approvals.failNext('expire', new Error('unavailable'));
    await expect(expireApproval(deps, INPUT)).rejects.toThrow('unavailable');
  });
});
