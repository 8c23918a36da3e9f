import { beforeEach, describe, expect, it } from 'vitest';
import { type Mail, type Mailer, MailRefusedError, MailUnavailableError } from '../../connectors/mail/mail.ts';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  PLAN_KEY,
  type StoryStores,
  storyAction,
  storyApproval,
  storyIncident,
  storyPlan,
  storyPrepared,
  storyStores,
} from '../../test/stories/asked-action.ts';
import {
  NobodyAskedError,
  NobodyMayApproveError,
  NotAskableError,
  type RequestApprovalDeps,
  requestApproval,
} from './request-approval.ts';

const TOKEN = 'AQCUAAAA-an-invented-task-token-that-must-stay-in-the-store';
const INPUT = { incidentId: INCIDENT_ID, actionId: 'A1', planKey: PLAN_KEY, taskToken: TOKEN };
const ID = storyApproval().approvalId;

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let sent: Mail[];
let broken: Map<string, Error>;
let deps: RequestApprovalDeps;

beforeEach(async () => {
  stores = await storyStores({ asked: false, incident: storyIncident({ status: 'investigating' }) });
  telemetry = recordingTelemetry();
  // Of this test alone: a fault ends the asking while another mail is still on its way.
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
  deps = {
    ...stores,
    config: approverConfiguration(),
    mailer,
    peopleEdgeUrl: 'https://people.example.com/',
    telemetry,
    now: () => ASKED_AT,
  };
});

const linkIn = (mail: Mail | undefined) =>
  /https:\/\/people\.example\.com\/approvals\/(apr-\w+)\?t=(\S+)/.exec(mail?.text ?? '');
const audit = async () => (await stores.audit.read(INCIDENT_ID)).map(({ kind, data }) => ({ kind, data }));

describe('asking for an approval', () => {
  it('stores one pending question that expires when the plan says', async () => {
    expect(await requestApproval(deps, INPUT)).toEqual({ approvalId: ID });
    expect(await stores.approvals.get(ID)).toEqual(storyApproval({ createdAt: ASKED_AT.toISOString() }));
    expect(await stores.approvals.tokenOf(ID)).toBe(TOKEN);
    expect(await stores.incidents.get(INCIDENT_ID)).toMatchObject({
      status: 'awaiting-decision',
      times: { asked: ASKED_AT.toISOString() },
    });
  });

  it('mails each eligible approver a link of their own, and nobody else', async () => {
    await requestApproval(deps, INPUT);
    expect(sent.map(({ to }) => to).sort()).toEqual(['dana@example.com', 'sam@example.com']);
    const people: string[] = [];
    for (const mail of sent) {
      const [, id, token] = linkIn(mail) ?? [];
      expect(id).toBe(ID);
      const reading = await stores.links.read(token ?? '', ASKED_AT);
      if (reading.ok) people.push(reading.claims.per);
      expect(reading).toMatchObject({
        ok: true,
        claims: {
          sub: ID,
          inc: INCIDENT_ID,
          plan: storyApproval().planDigest,
          exp: Date.parse('2025-10-14T09:50:00Z') / 1000,
        },
      });
    }
    expect(people.sort()).toEqual(['dana', 'sam']);
  });

  it('tells what, on what, why, how it is undone and until when, as text and as HTML', async () => {
    await requestApproval(deps, INPUT);
    // Mails are sent side by side; whose is first is not agreed.
    const mail = sent.find(({ to }) => to.startsWith('dana'));
    expect(mail?.subject).toBe(
      '[Parapet] Decision needed: Quarantine pod payments/checkout-6d9f7c5b8d-x2x9q in prod-eks',
    );
    for (const body of [mail?.text, mail?.html]) {
      for (const part of [
        'Dana Example',
        'Quarantine pod payments/checkout-6d9f7c5b8d-x2x9q in prod-eks',
        'Pod payments/checkout-6d9f7c5b8d-x2x9q in cluster prod-eks',
        'A downloaded program mines in this pod',
        'Give the pod its labels back',
        'Until 2025-10-14 09:50:00 UTC (in 30 minutes)',
        'Opening the link shows the exact requests and decides nothing',
        ID,
      ]) {
        expect(body).toContain(part);
      }
    }
  });

  it('puts no live address and no markup of an attacker into the mail', async () => {
    const rationale =
      'It ran <img src=x onerror=alert(1)> from http://203.0.113.7/x.sh and reached pool.example.net & 203.0.113.50';
    await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([storyAction({ rationale })])));
    await requestApproval(deps, INPUT);
    const [mail] = sent;
    expect(mail?.html).not.toContain('<img');
    expect(mail?.html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    for (const body of [mail?.text, mail?.html]) {
      expect(body).toContain('hxxp://203[.]0[.]113[.]7/x.sh');
      expect(body).toContain('pool[.]example[.]net');
      expect(body).not.toMatch(/203\.0\.113|pool\.example\.net/);
      expect(body?.match(/https?:\/\/[^\s"<]+/g)?.every((url) => url.startsWith('https://people.example.com/'))).toBe(
        true,
      );
    }
  });

  it('says in the audit log who was asked about which digest, and who was mailed - before and after the mails', async () => {
    broken.set('sam@example.com', new MailRefusedError('bounced'));
    await requestApproval(deps, INPUT);
    expect(await audit()).toEqual([
      {
        kind: 'approval.requested',
        data: {
          approvalId: ID,
          actionId: 'A1',
          action: 'kubernetes.quarantine-pod',
          purpose: 'apply',
          planDigest: storyApproval().planDigest,
          approvers: ['dana', 'sam'],
          quorum: 1,
          keptOut: [],
          expiresAt: '2025-10-14T09:50:00.000Z',
          askedAgain: false,
        },
      },
      {
        kind: 'published',
        data: { destination: 'mail', state: 'created', approvalId: ID, mailed: ['dana'], notMailed: ['sam'] },
      },
    ]);
  });

  it('lets neither token nor link out of store and mail', async () => {
    broken.set('sam@example.com', new MailUnavailableError('throttled'));
    const output = await requestApproval(deps, INPUT);
    const told = JSON.stringify([output, await audit(), telemetry.said, await stores.approvals.get(ID)]);
    expect(told).not.toContain(TOKEN);
    expect(told).not.toMatch(/eyJ[\w-]+\.|\?t=/);
    expect(JSON.stringify(sent)).not.toContain(TOKEN);
  });

  it('asks the same question once when it is retried, answers the newest attempt, and mails again - a lost mail is worse than two', async () => {
    await requestApproval(deps, INPUT);
    await requestApproval(
      { ...deps, now: () => new Date(ASKED_AT.getTime() + 60_000) },
      { ...INPUT, taskToken: 'second-attempt' },
    );
    expect(await stores.approvals.forIncident(INCIDENT_ID)).toEqual([storyApproval()]);
    expect(await stores.approvals.tokenOf(ID)).toBe('second-attempt');
    expect(sent).toHaveLength(4);
    expect((await audit()).map(({ data }) => data['askedAgain'])).toEqual([false, undefined, true, undefined]);
  });

  it('stays silent when it was decided while the state was retried - the decision finds the new token', async () => {
    await requestApproval(deps, INPUT);
    await stores.approvals.decide(
      {
        approvalId: ID,
        decision: 'approved',
        decidedBy: 'dana',
        decidedAt: ASKED_AT.toISOString(),
        planDigest: storyApproval().planDigest,
      },
      INCIDENT_ID,
      ASKED_AT,
    );
    expect(await requestApproval(deps, { ...INPUT, taskToken: 'second-attempt' })).toEqual({ approvalId: ID });
    expect(sent).toHaveLength(2);
    expect(await stores.approvals.tokenOf(ID)).toBe('second-attempt');
    await stores.approvals.markDelivery(ID, 'delivered');
    await expect(requestApproval(deps, INPUT)).rejects.toBeInstanceOf(NotAskableError);
  });
});

describe('what is not asked', () => {
  it('ends with a named error when nobody could be mailed - waiting would be waiting for nothing', async () => {
    broken.set('dana@example.com', new MailRefusedError('bounced'));
    broken.set('sam@example.com', new MailUnavailableError('throttled'));
    const error = await requestApproval(deps, INPUT).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NobodyAskedError);
    expect(String(error)).toMatch(/^NobodyAskedError: /);
    expect(telemetry.counted('ApprovalMailFailed')).toBe(2);
    expect((await audit()).at(-1)?.data).toMatchObject({ state: 'failed', notMailed: ['dana', 'sam'] });
  });

  it('lets a fault that is no mail fault surface', async () => {
    broken.set('dana@example.com', new TypeError('a bug'));
    await expect(requestApproval(deps, INPUT)).rejects.toThrow('a bug');
  });

  it('asks nobody about an incident its vendor does not confirm (rule 7)', async () => {
    stores.incidents.seed(storyIncident({ confirmed: false }));
    await expect(requestApproval(deps, INPUT)).rejects.toThrow(/did not confirm/);
    expect([await stores.approvals.get(ID), sent]).toEqual([undefined, []]);
  });

  it.each([
    ['whose gate is suggest', storyAction({ gate: 'suggest' }), /gate suggest/],
    [
      'whose content does not match its digest',
      storyAction({ prepared: storyPrepared({ inverse: [] }), digest: storyAction().digest }),
      /does not match its digest/,
    ],
  ])('asks nobody about an action %s', async (_, action, message) => {
    await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([action])));
    const error = await requestApproval(deps, INPUT).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotAskableError);
    expect(String(error)).toMatch(message);
    expect([await stores.approvals.list({ limit: 5 }), sent]).toEqual([[], []]);
  });

  it('asks about an automatic action whose playbook may not act after all, and makes advice of it where nobody was named', async () => {
    await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([storyAction({ gate: 'automatic', approvers: [] })])));
    await expect(requestApproval(deps, INPUT)).rejects.toBeInstanceOf(NobodyMayApproveError);
    await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([storyAction({ gate: 'automatic' })])));
    expect(await requestApproval(deps, INPUT)).toEqual({ approvalId: ID });
    expect((await stores.approvals.get(ID))?.status).toBe('PENDING');
  });

  it('refuses a wrong input, an unknown incident and an unknown action', async () => {
    await expect(requestApproval(deps, { ...INPUT, taskToken: '' })).rejects.toThrow(/taskToken/);
    await expect(requestApproval(deps, { ...INPUT, incidentId: 'inc-none' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(requestApproval(deps, { ...INPUT, actionId: 'A9' })).rejects.toBeInstanceOf(NotFoundError);
    await expect(requestApproval(deps, { ...INPUT, planKey: 'nowhere' })).rejects.toBeInstanceOf(NotFoundError);
  });

  it('makes advice of an action nobody may approve any more, and writes that down once', async () => {
    await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([storyAction({ approvers: ['elsewhere', 'gone'] })])));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const error = await requestApproval(deps, INPUT).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(NobodyMayApproveError);
      expect(String(error)).toContain('Nobody may approve it now.');
    }
    expect([await stores.approvals.list({ limit: 5 }), sent]).toEqual([[], []]);
    expect((await audit()).map(({ kind }) => kind)).toEqual(['approval.not-asked']);
  });
});

describe('rights at the moment of asking (rule 4)', () => {
  const NO = { right: 'no', reason: 'In cluster prod-eks, Dana Example may not patch pods.' } as const;

  it('offers nothing to who could not do it themselves, and says why in the log', async () => {
    stores.rights.say.set('dana', NO);
    await requestApproval(deps, INPUT);
    expect(sent.map(({ to }) => to)).toEqual(['sam@example.com']);
    expect(await stores.approvals.get(ID)).toMatchObject({
      approvers: ['sam'],
      keptOut: [{ person: 'dana', reason: NO.reason }],
    });
    expect((await audit())[0]?.data).toMatchObject({ keptOut: [{ person: 'dana', reason: NO.reason }] });
  });

  it('makes advice of it when that leaves nobody, with each reason and without a quote that would cut it', async () => {
    stores.rights.say.set('dana', { right: 'no', reason: 'pods "x" is forbidden.' }).set('sam', NO);
    const error = await requestApproval(deps, INPUT).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NobodyMayApproveError);
    expect(String(error)).toBe(
      "NobodyMayApproveError: Nobody may approve it now. pods 'x' is forbidden. In cluster prod-eks, Dana Example may not patch pods.",
    );
    expect(sent).toEqual([]);
    expect(telemetry.counted('ApprovalNotAsked')).toBe(1);
  });

  it('makes advice of it when that leaves fewer than must approve', async () => {
    stores.rights.say.set('dana', NO);
    deps = { ...deps, config: approverConfiguration({ policy: [{ quorum: 2 }] }) };
    await expect(requestApproval(deps, INPUT)).rejects.toThrow(
      '2 different people must approve it, and only 1 may. In cluster prod-eks, Dana Example may not patch pods.',
    );
  });
});

describe('the policy of approval', () => {
  it('keeps quorum, reminders and escalation with the question', async () => {
    deps = {
      ...deps,
      config: approverConfiguration({
        groups: [
          { id: 'payments', members: ['dana'] },
          { id: 'platform', members: ['sam'] },
        ],
        policy: [{ ask: ['payments', 'platform'], escalateAfterSeconds: 300, remindBeforeExpirySeconds: [600, 120] }],
      }),
    };
    await requestApproval(deps, INPUT);
    expect(sent.map(({ to }) => to)).toEqual(['dana@example.com']);
    expect(await stores.approvals.get(ID)).toMatchObject({
      approvers: ['dana'],
      steps: [
        { kind: 'escalate', at: '2025-10-14T09:25:00.000Z', group: 'platform' },
        { kind: 'remind', at: '2025-10-14T09:40:00.000Z' },
        { kind: 'remind', at: '2025-10-14T09:48:00.000Z' },
      ],
    });
  });

  it('asks who decides in the place of another, and tells them so', async () => {
    const delegations = [
      { from: 'dana', to: 'elsewhere', starts: '2025-10-14T00:00:00Z', ends: '2025-10-15T00:00:00Z' },
    ];
    deps = { ...deps, config: approverConfiguration({ delegations }) };
    await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([storyAction({ approvers: ['dana', 'elsewhere'] })])));
    await requestApproval(deps, INPUT);
    const mail = sent.find(({ to }) => to.startsWith('elsewhere'));
    expect(mail?.text).toContain('You may decide in place of Dana Example');
    expect((await audit())[0]?.data).toMatchObject({ onBehalfOf: { elsewhere: 'dana' } });
  });
});
