import { describe, expect, it } from 'vitest';
import type { Mail } from '../../connectors/mail/mail.ts';
import { questionWords } from '../../domain/publish/question.ts';
import { chaseApprovals } from '../../functions/chase-approvals/chase-approvals.ts';
import { conclude } from '../../functions/conclude/conclude.ts';
import { decide } from '../../functions/decide/decide.ts';
import { deliverDecisions } from '../../functions/deliver-decision/deliver-decision.ts';
import { expireApproval } from '../../functions/expire-approval/expire-approval.ts';
import { requestApproval } from '../../functions/request-approval/request-approval.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { ASKED_AT, approverConfiguration, INCIDENT_ID, linkFor, storyApproval } from '../stories/asked-action.ts';
import { overIncident, storyUndo, UNDO_KEY, undoApproval, undoStores } from '../stories/asked-undo.ts';
import { formOf, peopleEvent, postEvent } from '../stories/people-event.ts';

const IDS = { incidentId: INCIDENT_ID, actionId: 'A1' };

async function stage(options: { readonly asked: boolean }) {
  const stores = await undoStores(options);
  const mails: Mail[] = [];
  const deps = {
    ...stores,
    config: approverConfiguration(),
    mailer: {
      send: async (mail: Mail) => {
        mails.push(mail);
        return { messageId: `message-${mails.length}` };
      },
    },
    peopleEdgeUrl: 'https://people.example.com/',
    telemetry: recordingTelemetry(),
    now: () => new Date(ASKED_AT.getTime() + 60_000),
  };
  return { stores, mails, deps };
}

describe('a question about an undo', () => {
  it('is asked although the incident is over and no longer confirmed, and leaves the incident as it is', async () => {
    const { stores, mails, deps } = await stage({ asked: false });
    const { approvalId } = await requestApproval(
      { ...deps, now: () => ASKED_AT },
      { ...IDS, planKey: UNDO_KEY, taskToken: 'token' },
    );
    expect(await stores.approvals.get(approvalId)).toEqual(undoApproval());
    expect(approvalId).not.toBe(storyApproval().approvalId);
    expect(await stores.incidents.get(INCIDENT_ID)).toEqual(overIncident());
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['dana@example.com', expect.stringMatching(/^\[Parapet\] Decision needed: Undo: Quarantine pod/)],
      ['sam@example.com', expect.stringMatching(/^\[Parapet\] Decision needed: Undo: Quarantine pod/)],
    ]);
    expect(mails[0]?.text).toContain('undoing one action that was executed');
    expect(mails[0]?.text).toContain('How it is contained again');
    expect(mails[0]?.text).toContain('olga asked for it: It was a test.');
  });

  it('says on its page that it is an undo, and by which requests', async () => {
    const { stores, deps } = await stage({ asked: true });
    const link = await linkFor(stores, 'dana', undoApproval());
    const { approvalId } = undoApproval();
    const { statusCode, body } = await decide(deps, peopleEvent('GET', { t: link, id: approvalId }));
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1>Undo: Quarantine pod');
    expect(body).toContain('Approve and undo');
    expect(body).toContain('How it is contained again');
    expect(body).toContain('give the pod its labels back');
    expect(body).not.toMatch(/alert confirmed by its vendor|after a dry run|Approve and execute/);
  });

  it('is decided by its page, and the decision reaches who waits without moving the incident', async () => {
    const { stores, deps } = await stage({ asked: true });
    const { approvalId } = undoApproval();
    const t = await linkFor(stores, 'dana', undoApproval());
    const page = await decide(deps, peopleEvent('GET', { t, id: approvalId }));
    const reply = await decide(deps, postEvent(formOf(page.body, 'approved'), { t, id: approvalId }));
    expect(reply.body).toContain('these requests still are what it takes');
    const told: unknown[] = [];
    await deliverDecisions(
      {
        ...deps,
        deliveries: stores.approvals,
        workflow: {
          succeed: async (_, output) => {
            told.push(output);
            return { outcome: 'accepted' };
          },
        },
      },
      {
        Records: [{ dynamodb: { SequenceNumber: '1', Keys: { id: { S: `APPROVAL#${approvalId}` } } } }],
      },
    );
    expect(told).toMatchObject([{ approvalId, decision: 'approved', decidedBy: 'dana' }]);
    expect(await stores.incidents.get(INCIDENT_ID)).toEqual(overIncident());
  });

  it('was delivered when its roll-back has begun, although the mark was lost', async () => {
    const { stores, deps } = await stage({ asked: true });
    const { approvalId, planDigest } = undoApproval();
    const decidedAt = ASKED_AT.toISOString();
    const decision = { approvalId, decision: 'approved', decidedBy: 'dana', decidedAt, planDigest } as const;
    await stores.approvals.decide(decision, INCIDENT_ID, ASKED_AT);
    await stores.audit.append({
      chain: INCIDENT_ID,
      at: decidedAt,
      actor: { type: 'function', id: 'roll-back' },
      kind: 'rollback.started',
      data: { approvalId },
    });
    const gone = { succeed: async () => ({ outcome: 'gone', reason: 'used' }) as const };
    await deliverDecisions(
      { ...deps, deliveries: stores.approvals, workflow: gone },
      { Records: [{ dynamodb: { SequenceNumber: '1', Keys: { id: { S: `APPROVAL#${approvalId}` } } } }] },
    );
    expect(await stores.approvals.get(approvalId)).toMatchObject({ delivery: 'delivered' });
  });

  it('is reminded of, as any other', async () => {
    const { mails, deps } = await stage({ asked: true });
    const { steps } = await chaseApprovals({ ...deps, now: () => new Date('2025-10-14T09:41:00.000Z') });
    expect(steps).toBe(1);
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^\[Parapet\] Reminder: decision needed: Undo: /),
      expect.stringMatching(/^\[Parapet\] Reminder: decision needed: Undo: /),
    ]);
  });

  it('expires by itself: neither it nor the question about the action takes the other for its own', async () => {
    const { stores, deps } = await stage({ asked: true });
    await stores.approvals.create(
      storyApproval({ status: 'APPROVED', delivery: 'delivered', createdAt: '2025-10-14T10:00:00.000Z' }),
      'another-token',
    );
    expect(await expireApproval(deps, { ...IDS, purpose: 'undo' })).toEqual({ outcome: 'expired' });
    expect(await stores.approvals.get(undoApproval().approvalId)).toMatchObject({ status: 'EXPIRED' });
    expect(await expireApproval(deps, IDS)).toEqual({ outcome: 'decided-too-late' });
  });

  it('stays open when the incident is concluded, which then tells what was undone meanwhile', async () => {
    const { stores, deps } = await stage({ asked: true });
    await stores.approvals.create(storyApproval(), 'another-token');
    await stores.audit.append({
      chain: INCIDENT_ID,
      at: ASKED_AT.toISOString(),
      actor: { type: 'function', id: 'conclude-undo' },
      kind: 'rollback.concluded',
      data: { actionId: 'A1', attempt: 1, result: 'undone', reason: 'as it was' },
    });
    const outcomes = [{ actionId: 'A1', result: 'contained', reason: 'applied' }];
    expect(await conclude(deps, { incidentId: INCIDENT_ID, outcomes })).toMatchObject({ outcome: 'rolled-back' });
    expect(await stores.approvals.get(undoApproval().approvalId)).toMatchObject({ status: 'PENDING' });
    expect(await stores.approvals.get(storyApproval().approvalId)).toMatchObject({ status: 'CLOSED' });
  });

  it('says in every channel that it is an undo, and what silence means', () => {
    const of = {
      config: approverConfiguration(),
      incident: overIncident(),
      action: storyUndo(),
      pack: undefined,
      pageUrl: 'https://people.example.com/approvals/a',
    };
    const open = questionWords({ ...of, approval: undoApproval() });
    expect(open.title).toMatch(/Decision needed: Undo: Quarantine pod/);
    expect(JSON.stringify(open.blocks)).toContain('undo of kubernetes.quarantine-pod');
    expect(JSON.stringify(open.blocks)).toContain('How it is contained again');
    const expired = questionWords({ ...of, approval: undoApproval({ status: 'EXPIRED' }) });
    expect(JSON.stringify(expired.blocks)).toContain('Nothing is put back.');
  });
});
