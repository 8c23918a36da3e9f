import { beforeEach, describe, expect, it } from 'vitest';
import type { Approval } from '../../domain/approval/approval.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  linkFor,
  type StoryStores,
  storyApproval,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { formOf, peopleEvent, postEvent } from '../../test/stories/people-event.ts';
import { type DecideDeps, decide } from './decide.ts';

const ID = storyApproval().approvalId;
const DELEGATED = {
  delegations: [{ from: 'dana', to: 'elsewhere', starts: '2025-10-14T00:00:00Z', ends: '2025-10-14T09:30:00Z' }],
};

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let now: Date;
let deps: DecideDeps;

async function ask(change: Partial<Approval>, approvals: Readonly<Record<string, unknown>> = {}): Promise<void> {
  stores = await storyStores({ asked: false });
  await stores.approvals.create(storyApproval(change), 'token');
  telemetry = recordingTelemetry();
  now = new Date(ASKED_AT.getTime() + 60_000);
  deps = { ...stores, config: approverConfiguration(approvals), telemetry, now: () => now };
}
beforeEach(() => ask({ quorum: 2 }));

const page = async (person: string) => decide(deps, peopleEvent('GET', { t: await linkFor(stores, person) }));
async function say(person: string, decision: 'approved' | 'rejected', comment = '') {
  return decide(deps, postEvent(formOf((await page(person)).body, decision, comment)));
}
const title = (reply: { readonly body: string }) => /<h1>([^<]+)<\/h1>/.exec(reply.body)?.[1];
const approval = () => stores.approvals.get(ID);

describe('a question two people must approve', () => {
  it('stays open after the first approval, and is approved by the second', async () => {
    const first = await say('dana', 'approved', 'seen it');
    expect([first.statusCode, title(first)]).toEqual([200, 'Your approval is recorded: 1 of 2']);
    expect(await approval()).toMatchObject({ status: 'PENDING' });
    const second = await say('sam', 'approved');
    expect([title(second), (await approval())?.status]).toEqual(['Approved', 'APPROVED']);
    expect((await stores.audit.read(INCIDENT_ID)).map(({ kind, actor }) => [kind, actor.id])).toEqual([
      ['approval.voted', 'dana'],
      ['approval.decided', 'sam'],
    ]);
    expect([telemetry.counted('ApprovalVoted'), telemetry.counted('ApprovalDecided')]).toEqual([1, 1]);
  });

  it('shows how far it is, who said what, and who may still decide', async () => {
    expect((await page('dana')).body).toContain('Approvals so far: 0 of 2');
    await say('dana', 'approved', 'seen <it>');
    const { body } = await page('sam');
    expect(body).toContain('Approvals so far: 1 of 2');
    expect(body).toContain('Dana Example approved at 2025-10-14 09:21:00 UTC: seen &lt;it&gt;');
    expect(body).toContain('Everybody else who was asked has decided.');
    expect(body).toContain('Approve and execute');
  });

  it('counts the same person once, whatever they try', async () => {
    await say('dana', 'approved');
    for (const reply of [await page('dana'), await say('dana', 'approved'), await say('dana', 'rejected')]) {
      expect([reply.statusCode, title(reply)]).toEqual(expect.arrayContaining([expect.any(Number)]));
      expect(reply.body).not.toContain('is recorded');
    }
    const again = await page('dana');
    expect([again.statusCode, title(again)]).toEqual([409, 'You have decided already']);
    expect(again.body).toContain('1 of 2');
    expect((await approval())?.votes).toHaveLength(1);
  });

  it('counts a form that was opened before and posted twice once', async () => {
    const form = formOf((await page('dana')).body, 'approved');
    const replies = await Promise.all([decide(deps, postEvent(form)), decide(deps, postEvent(form))]);
    expect((await approval())?.votes.map(({ person }) => person)).toEqual(['dana']);
    expect((await approval())?.status).toBe('PENDING');
    expect(replies.every(({ statusCode }) => statusCode === 200 || statusCode === 409)).toBe(true);
  });

  it('ends with one rejection, and says to both that the other had approved', async () => {
    await say('dana', 'approved');
    const rejection = await say('sam', 'rejected');
    expect(rejection.body).toContain('One rejection ends it, although 1 of 2 had approved.');
    expect(await approval()).toMatchObject({ status: 'REJECTED', decidedBy: 'sam', reason: 'other' });
    expect((await page('dana')).body).toContain(
      'Sam Sample rejected this at 2025-10-14 09:21:00 UTC, although Dana Example had approved',
    );
  });

  it('is decided exactly once by two people at the same instant', async () => {
    const forms = await Promise.all(['dana', 'sam'].map(async (who) => formOf((await page(who)).body, 'approved')));
    const replies = await Promise.all(forms.map((form) => decide(deps, postEvent(form))));
    expect(replies.map(title).sort()).toEqual(['Approved', 'Your approval is recorded: 1 of 2']);
    const decided = (await stores.audit.read(INCIDENT_ID)).filter(({ kind }) => kind === 'approval.decided');
    expect(decided).toHaveLength(1);
  });
});

describe('a thousand clicks at the same instant', () => {
  it('are one decision', async () => {
    await ask({ quorum: 1 });
    const forms = await Promise.all(
      (['approved', 'rejected'] as const).map(async (decision, index) =>
        formOf((await page(index ? 'sam' : 'dana')).body, decision),
      ),
    );
    const replies = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => decide(deps, postEvent(forms[index % 2] ?? ''))),
    );
    expect((await approval())?.votes).toHaveLength(1);
    expect((await stores.audit.read(INCIDENT_ID)).filter(({ kind }) => kind === 'approval.decided')).toHaveLength(1);
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([200, 409]));
  }, 60_000);
});

describe('a rejection', () => {
  it('needs its reason - tuning learns from it - and an approval does not', async () => {
    await ask({});
    const form = formOf((await page('dana')).body, 'rejected');
    const without = await decide(deps, postEvent(form.replace('reason=other', 'reason=')));
    expect([without.statusCode, (await approval())?.status]).toEqual([400, 'PENDING']);
    expect(without.body).toContain('Choose why you reject it');
    const invented = await decide(deps, postEvent(form.replace('reason=other', 'reason=because')));
    expect([invented.statusCode, (await approval())?.status]).toEqual([400, 'PENDING']);
    await decide(deps, postEvent(form.replace('reason=other', 'reason=false-alarm')));
    expect(await approval()).toMatchObject({
      status: 'REJECTED',
      reason: 'false-alarm',
      votes: [{ reason: 'false-alarm' }],
    });
  });
});

describe('rights at the moment of deciding', () => {
  it('that were withdrawn between mail and click refuse, with the reason on the page and in the log', async () => {
    await ask({});
    const form = formOf((await page('dana')).body, 'approved');
    const reason = 'In cluster prod-eks, Dana Example may not patch pods in namespace payments.';
    stores.rights.say.set('dana', { right: 'no', reason });
    for (const reply of [await decide(deps, postEvent(form)), await page('dana')]) {
      expect(reply.statusCode).toBe(403);
      expect(reply.body).toContain('Nobody can approve what they could not do themselves.');
      expect(reply.body).toContain(reason);
    }
    expect((await approval())?.status).toBe('PENDING');
    expect(await stores.audit.read(INCIDENT_ID)).toMatchObject([
      { kind: 'approval.refused', data: { refusal: 'not-allowed', method: 'POST', person: 'dana', why: reason } },
      { kind: 'approval.refused', data: { refusal: 'not-allowed', method: 'GET', person: 'dana', why: reason } },
    ]);
  });
});

describe('somebody who decides in the place of another', () => {
  beforeEach(() => ask({ quorum: 2, approvers: ['dana', 'sam', 'elsewhere'] }, DELEGATED));

  it('is told so on the page, and it stands in the record and in the log', async () => {
    expect((await page('elsewhere')).body).toContain('in place of Dana Example, who delegated this right');
    await say('elsewhere', 'approved');
    expect((await approval())?.votes).toMatchObject([{ person: 'elsewhere', onBehalfOf: 'dana' }]);
    expect(await stores.audit.read(INCIDENT_ID)).toMatchObject([
      { kind: 'approval.voted', actor: { id: 'elsewhere' }, data: { onBehalfOf: 'dana' } },
    ]);
    expect((await page('sam')).body).toContain('Eve Elsewhere in place of Dana Example approved at');
  });

  it('and the other are one pair of eyes', async () => {
    await say('elsewhere', 'approved');
    const reply = await page('dana');
    expect([reply.statusCode, title(reply)]).toEqual([409, 'You have decided already']);
    await say('sam', 'approved');
    expect((await approval())?.status).toBe('APPROVED');
  });

  it('may no more when the period is over', async () => {
    const form = formOf((await page('elsewhere')).body, 'approved');
    now = new Date('2025-10-14T09:30:00.000Z');
    expect((await decide(deps, postEvent(form))).statusCode).toBe(403);
    expect((await approval())?.votes).toEqual([]);
  });
});

describe('what a page costs', () => {
  it('is four reads to see and three before the store decides, which reads the log’s head and writes one transaction', async () => {
    const calls: string[] = [];
    const counting = <T extends object>(name: string, target: T, methods: readonly (keyof T)[]): T =>
      new Proxy(target, {
        get(object, key, receiver) {
          const value: unknown = Reflect.get(object, key, receiver);
          if (typeof value !== 'function' || !methods.some((method) => method === key)) return value;
          return (...args: readonly unknown[]): unknown => {
            calls.push(`${name}.${String(key)}`);
            return Reflect.apply(value, object, args);
          };
        },
      });
    await ask({});
    deps = {
      ...deps,
      approvals: counting('approvals', stores.approvals, ['get', 'decide']),
      incidents: counting('incidents', stores.incidents, ['get', 'update']),
      blobs: counting('blobs', stores.blobs, ['get']),
      audit: counting('audit', stores.audit, ['read', 'append', 'head']),
    };
    const shown = await page('dana');
    expect(calls.sort()).toEqual(['approvals.get', 'blobs.get', 'blobs.get', 'incidents.get']);
    calls.length = 0;
    expect((await decide(deps, postEvent(formOf(shown.body, 'approved')))).statusCode).toBe(200);
    expect(calls.sort()).toEqual(['approvals.decide', 'approvals.get', 'blobs.get', 'incidents.get']);
  });
});
