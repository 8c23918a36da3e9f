import { beforeEach, describe, expect, it } from 'vitest';
import { type Mail, type Mailer, MailRefusedError, MailUnavailableError } from '../../connectors/mail/mail.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  type StoryStores,
  storyApproval,
  storyIncident,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { type ChaseDeps, chaseApprovals, LEASE_SECONDS, StepsFailedError } from './chase-approvals.ts';

const ID = storyApproval().approvalId;
const at = (minute: number) => `2025-10-14T09:${minute}:00.000Z`;
const DAY = { timeZone: 'UTC', windows: [{ days: ['tue'], from: '09:00', to: '17:00' }] };

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let now: Date;
let sent: Mail[];
let broken: Map<string, Error>;
let deps: ChaseDeps;

async function ask(change: Partial<Approval>, approvals: Readonly<Record<string, unknown>> = {}): Promise<void> {
  stores = await storyStores({ asked: false });
  await stores.approvals.create(storyApproval(change), 'token');
  telemetry = recordingTelemetry();
  const outbox: Mail[] = [];
  sent = outbox;
  broken = new Map();
  const mailer: Mailer = {
    async send(mail) {
      const error = broken.get(mail.to);
      if (error) throw error;
      outbox.push(mail);
      return { messageId: `message-${outbox.length}` };
    },
  };
  const config = approverConfiguration(approvals);
  deps = { ...stores, config, mailer, peopleEdgeUrl: 'https://people.example.com', telemetry, now: () => now };
}
beforeEach(async () => {
  now = new Date(at(41));
  await ask({});
});

const to = () => sent.map((mail) => mail.to.split('@')[0]).sort();
const entries = async () => (await stores.audit.read(INCIDENT_ID)).map(({ kind, data }) => ({ kind, data }));
const vote = (person: string, decision: 'approved' | 'rejected' = 'approved') =>
  stores.approvals.decide(
    {
      approvalId: ID,
      decision,
      decidedBy: person,
      decidedAt: ASKED_AT.toISOString(),
      planDigest: storyApproval().planDigest,
    },
    INCIDENT_ID,
    ASKED_AT,
  );

describe('a reminder', () => {
  it('goes out once when its time has come, and says that nothing is done without a decision', async () => {
    now = new Date(at(39));
    expect(await chaseApprovals(deps)).toEqual({ steps: 0 });
    now = new Date(at(40));
    expect(await chaseApprovals(deps)).toEqual({ steps: 1 });
    now = new Date(at(49));
    expect(await chaseApprovals(deps)).toEqual({ steps: 0 });
    expect(to()).toEqual(['dana', 'sam']);
    expect(sent[0]?.subject).toContain('Reminder: decision needed');
    expect(sent[0]?.text).toContain('Without a decision nothing is done.');
    expect(sent[0]?.text).toContain(`https://people.example.com/approvals/${ID}?t=`);
    expect(await entries()).toEqual([
      {
        kind: 'approval.reminded',
        data: {
          approvalId: ID,
          actionId: 'A1',
          step: '0',
          mailed: ['dana', 'sam'],
          refused: [],
          unavailable: [],
          keptOut: [],
        },
      },
    ]);
  });

  it('goes out once although ten runs meet', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => chaseApprovals(deps)));
    expect(runs.reduce((sum, { steps }) => sum + steps, 0)).toBe(1);
    expect(sent).toHaveLength(2);
  });

  it('goes to those only who have not decided, with how far it is', async () => {
    await ask({ quorum: 2 });
    await vote('dana');
    await chaseApprovals(deps);
    expect(to()).toEqual(['sam']);
    expect(sent[0]?.text).toContain('2 different people must approve; 1 did so far.');
  });

  it('does not go to who could not do it any more', async () => {
    stores.rights.say.set('dana', { right: 'no', reason: 'In cluster prod-eks, Dana Example may not patch pods.' });
    await chaseApprovals(deps);
    expect(to()).toEqual(['sam']);
    expect((await entries())[0]?.data).toMatchObject({ keptOut: [{ person: 'dana' }] });
  });

  it.each([
    ['decided', async () => void (await vote('dana'))],
    ['rejected', async () => void (await vote('sam', 'rejected'))],
    ['expired', async () => void (await stores.approvals.expire(ID, now))],
    ['closed', async () => void (await stores.approvals.closePending(INCIDENT_ID))],
    [
      'past its time and not yet closed',
      async () => {
        now = new Date(at(50));
      },
    ],
    ['about an incident that is over', async () => stores.incidents.seed(storyIncident({ status: 'concluded' }))],
    ['about an alert nobody confirms any more', async () => stores.incidents.seed(storyIncident({ confirmed: false }))],
  ])('does not go out when the question is %s', async (_, happen) => {
    await happen();
    await chaseApprovals(deps);
    expect(sent).toEqual([]);
  });

  it('comes again after the lease when nobody could be mailed, and then is said once', async () => {
    broken
      .set('dana@example.com', new MailUnavailableError('throttled'))
      .set('sam@example.com', new MailUnavailableError('throttled'));
    await expect(chaseApprovals(deps)).rejects.toBeInstanceOf(StepsFailedError);
    broken.clear();
    expect(await chaseApprovals(deps)).toEqual({ steps: 0 });
    now = new Date(now.getTime() + LEASE_SECONDS * 1000);
    expect(await chaseApprovals(deps)).toEqual({ steps: 1 });
    expect(to()).toEqual(['dana', 'sam']);
    expect((await entries()).map(({ kind }) => kind)).toEqual(['approval.reminded']);
  });

  it('is over when every address is dead - repeating it reaches nobody', async () => {
    broken
      .set('dana@example.com', new MailRefusedError('bounced'))
      .set('sam@example.com', new MailRefusedError('bounced'));
    expect(await chaseApprovals(deps)).toEqual({ steps: 1 });
    expect((await entries())[0]?.data).toMatchObject({ mailed: [], refused: ['dana', 'sam'] });
  });

  it('is not sent twice by a run that takes over from one that died after writing it down', async () => {
    await chaseApprovals({
      ...deps,
      approvals: {
        ...deps.approvals,
        due: stores.approvals.due,
        take: stores.approvals.take,
        askAlso: stores.approvals.askAlso,
        finish: () => Promise.reject(new Error('died')),
      },
    }).catch(() => undefined);
    now = new Date(now.getTime() + LEASE_SECONDS * 1000);
    expect(await chaseApprovals(deps)).toEqual({ steps: 1 });
    expect(sent).toHaveLength(2);
  });

  it('of one question is not held up by another that fails', async () => {
    const other = storyApproval({
      approvalId: 'apr-other',
      incidentId: 'inc-other',
      steps: [{ kind: 'remind', at: at(30) }],
    });
    await stores.approvals.create(other, 'token');
    stores.incidents.failNext('get', new Error('unavailable'));
    await expect(chaseApprovals(deps)).rejects.toBeInstanceOf(StepsFailedError);
    expect(to()).toEqual(['dana', 'sam']);
    expect(telemetry.counted('ApprovalStepFailed')).toBe(1);
  });
});

describe('an escalation', () => {
  const groups = [
    { id: 'first', members: ['dana'] },
    { id: 'next', members: ['sam', 'elsewhere'] },
  ];
  const steps = [{ kind: 'escalate', at: at(30), group: 'next' }] as const;

  it('asks those of the next group who have the right, and lets them decide', async () => {
    await ask({ approvers: ['dana'], steps: [...steps] }, { groups });
    await chaseApprovals(deps);
    expect((await stores.approvals.get(ID))?.approvers).toEqual(['dana', 'sam']);
    expect(to()).toEqual(['sam']);
    expect(sent[0]?.subject).toContain('Escalated: decision needed');
    expect(await entries()).toEqual([
      {
        kind: 'approval.escalated',
        data: { approvalId: ID, actionId: 'A1', step: '0', group: 'next', asked: ['sam'], keptOut: [] },
      },
    ]);
    expect(await vote('sam')).toMatchObject({ status: 'APPROVED' });
  });

  it('asks nobody whom their own system would not let do it', async () => {
    await ask({ approvers: ['dana'], steps: [...steps] }, { groups });
    stores.rights.say.set('sam', { right: 'no', reason: 'In cluster prod-eks, Sam Sample may not patch pods.' });
    await chaseApprovals(deps);
    expect([(await stores.approvals.get(ID))?.approvers, sent]).toEqual([['dana'], []]);
    expect((await entries())[0]?.data).toMatchObject({ asked: [], keptOut: [{ person: 'sam' }] });
  });

  it('passes over a group that is not on duty while another comes after it, and asks the last one in any case', async () => {
    const night = [
      { id: 'first', members: ['sam'], duty: { ...DAY, outside: true } },
      { id: 'next', members: ['sam'], duty: { ...DAY, outside: true } },
    ];
    await ask(
      {
        approvers: ['dana'],
        steps: [
          { kind: 'escalate', at: at(30), group: 'first' },
          { kind: 'escalate', at: at(35), group: 'next' },
        ],
      },
      { groups: night },
    );
    await chaseApprovals(deps);
    expect(sent).toEqual([]);
    expect((await entries())[0]?.data).toMatchObject({ group: 'first', asked: [], reason: 'the group is not on duty' });
    await chaseApprovals(deps);
    expect(to()).toEqual(['sam']);
  });

  it('is written down once although its mail had to be sent at another attempt', async () => {
    await ask({ approvers: ['dana'], steps: [...steps] }, { groups });
    broken.set('sam@example.com', new MailUnavailableError('throttled'));
    await expect(chaseApprovals(deps)).rejects.toBeInstanceOf(StepsFailedError);
    broken.clear();
    now = new Date(now.getTime() + LEASE_SECONDS * 1000);
    await chaseApprovals(deps);
    expect(to()).toEqual(['sam']);
    expect((await entries()).map(({ kind }) => kind)).toEqual(['approval.escalated']);
  });
});
