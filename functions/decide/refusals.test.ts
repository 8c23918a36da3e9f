import { beforeEach, describe, expect, it } from 'vitest';
import type { Refusal } from '../../domain/approval/approval.ts';
import { verifyChain } from '../../domain/audit/entry.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  linkFor,
  PLAN_KEY,
  type StoryStores,
  storyAction,
  storyApproval,
  storyIncident,
  storyPlan,
  storyPrepared,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { formOf, type PeopleCall, peopleEvent, postEvent } from '../../test/stories/people-event.ts';
import { type DecideDeps, decide } from './decide.ts';

const ID = storyApproval().approvalId;

let stores: StoryStores;
let telemetry: RecordingTelemetry;
let now: Date;
let deps: DecideDeps;
let link: string;

beforeEach(async () => {
  stores = await storyStores({ asked: true });
  telemetry = recordingTelemetry();
  now = new Date(ASKED_AT.getTime() + 60_000);
  deps = { ...stores, config: approverConfiguration(), telemetry, now: () => now };
  link = await linkFor(stores, 'dana');
});

const get = (call: PeopleCall = {}) => decide(deps, peopleEvent('GET', { t: link, ...call }));
const post = (body: string, call?: PeopleCall) => decide(deps, postEvent(body, call));
async function submit(decision: 'approved' | 'rejected', comment?: string, t = link) {
  return post(formOf((await get({ t })).body, decision, comment));
}
const status = async () => (await stores.approvals.get(ID))?.status;

describe('the page of a question that was answered', () => {
  it.each([
    ['waiting', 'Already approved', 'Sam Sample approved this at'],
    ['delivered', 'Already approved', 'nothing more can be changed here'],
    ['late', 'Decided too late', 'nothing is executed because of it'],
  ] as const)('says what became of a decision that is %s', async (delivery, title, text) => {
    const { planDigest } = storyApproval();
    const decision = {
      approvalId: ID,
      decision: 'approved',
      decidedBy: 'sam',
      decidedAt: now.toISOString(),
      planDigest,
    } as const;
    await stores.approvals.decide(decision, INCIDENT_ID, now);
    if (delivery !== 'waiting') await stores.approvals.markDelivery(ID, delivery);
    for (const reply of [await get(), await decide(deps, peopleEvent('HEAD', { t: link }))])
      expect(reply.statusCode).toBe(409);
    const { body } = await get();
    expect(body).toContain(`<h1>${title}</h1>`);
    expect(body).toContain(text);
  });
});

describe('refused links', () => {
  /** Brings about each refusal; returns the link to use. */
  const CASES: readonly (readonly [Refusal, number, () => Promise<PeopleCall>])[] = [
    ['tampered', 403, async () => ({ t: `${link.slice(0, -6)}AAAAAA` })],
    ['malformed', 400, async () => ({ t: 'not-a-link' })],
    [
      'foreign',
      403,
      async () => ({ t: await linkFor(stores, 'dana', storyApproval({ approvalId: `apr-${'0'.repeat(24)}` })) }),
    ],
    [
      'unknown',
      404,
      async () => {
        const approvalId = `apr-${'0'.repeat(24)}`;
        return { id: approvalId, t: await linkFor(stores, 'dana', storyApproval({ approvalId })) };
      },
    ],
    ['unknown', 404, async () => ({ id: '../../etc/passwd' })],
    [
      'expired',
      410,
      async () => {
        now = new Date(storyApproval().expiresAt);
        return {};
      },
    ],
    [
      'expired',
      410,
      async () => {
        await stores.approvals.expire(ID, now);
        return {};
      },
    ],
    [
      'used',
      409,
      async () => {
        await stores.approvals.decide(
          {
            approvalId: ID,
            decision: 'rejected',
            decidedBy: 'sam',
            decidedAt: now.toISOString(),
            planDigest: storyApproval().planDigest,
          },
          INCIDENT_ID,
          now,
        );
        return {};
      },
    ],
    [
      'replanned',
      409,
      async () => {
        const action = storyAction({ prepared: storyPrepared({ requests: [] }), digest: storyAction().digest });
        await stores.blobs.put(PLAN_KEY, JSON.stringify(storyPlan([action])));
        return {};
      },
    ],
    [
      'replanned',
      409,
      async () => ({ t: await linkFor(stores, 'dana', storyApproval({ planDigest: 'e'.repeat(64) })) }),
    ],
    [
      'closed',
      410,
      async () => {
        await stores.approvals.closePending(INCIDENT_ID);
        return {};
      },
    ],
    [
      'closed',
      410,
      async () => {
        stores.incidents.seed(storyIncident({ confirmed: false }));
        return {};
      },
    ],
    [
      'not-allowed',
      403,
      async () => {
        const config = approverConfiguration();
        deps = { ...deps, config: { ...config, approvers: config.approvers.filter(({ id }) => id !== 'dana') } };
        return {};
      },
    ],
    ['not-allowed', 403, async () => ({ t: await linkFor(stores, 'elsewhere') })],
  ];

  it.each(CASES)('as %s with status %i, at GET and at POST alike, each counted', async (refusal, code, make) => {
    const csrf = await stores.links.formToken(ID, link);
    const given = await make();
    const shown = await get(given);
    const t = given.t ?? link;
    const body = new URLSearchParams({ t, csrf, decision: 'approved' }).toString();
    const posted = await post(body, given.id === undefined ? {} : { id: given.id });
    expect([shown.statusCode, posted.statusCode]).toEqual([code, code]);
    expect(shown.body).toBe(posted.body);
    expect(telemetry.counted('ApprovalRefused', { reason: refusal })).toBe(2);
    expect(telemetry.counted('ApprovalRefused')).toBe(2);
    expect(await status()).not.toBe('APPROVED');
  });

  it('each have a page of their own that tells a stranger nothing about the incident', async () => {
    const titles = new Set<string>();
    for (const [refusal, , make] of CASES) {
      const { body } = await get(await make());
      titles.add(/<h1>([^<]+)<\/h1>/.exec(body)?.[1] ?? '');
      if (refusal !== 'used') expect(body).not.toMatch(/checkout|payments|Quarantine|Sam Sample/);
      stores = await storyStores({ asked: true });
      now = new Date(ASKED_AT.getTime() + 60_000);
      deps = { ...stores, config: approverConfiguration(), telemetry, now: () => now };
    }
    expect(titles.size).toBe(new Set(CASES.map(([refusal]) => refusal)).size);
  });

  it('tell who decided only to who holds a genuine link', async () => {
    await submit('approved');
    expect((await get({ t: await linkFor(stores, 'sam') })).body).toContain('Dana Example approved');
    expect((await get({ t: `${link.slice(0, -6)}AAAAAA` })).body).not.toContain('Dana Example');
  });

  it('are written to the audit log once for each reason, method and person - nobody can fill a chain with them', async () => {
    const tampered = `${link.slice(0, -6)}AAAAAA`;
    for (let times = 0; times < 30; times += 1) {
      await get({ t: tampered });
      await post(new URLSearchParams({ t: tampered, csrf: 'x', decision: 'approved' }).toString());
      await post(
        new URLSearchParams({ t: await linkFor(stores, 'elsewhere'), csrf: 'x', decision: 'approved' }).toString(),
      );
    }
    const entries = await stores.audit.read(INCIDENT_ID);
    expect(entries.map(({ kind, data, actor }) => [kind, data['refusal'], data['method'], actor.id])).toEqual([
      ['approval.refused', 'tampered', 'GET', 'decide'],
      ['approval.refused', 'tampered', 'POST', 'decide'],
      ['approval.refused', 'not-allowed', 'POST', 'elsewhere'],
    ]);
    expect(verifyChain(INCIDENT_ID, entries)).toMatchObject({ ok: true });
    expect(telemetry.counted('ApprovalRefused')).toBe(90);
  });

  it('stay refused when the audit log cannot be written', async () => {
    stores.audit.failNext('append', new Error('unavailable'));
    expect((await get({ t: `${link.slice(0, -6)}AAAAAA` })).statusCode).toBe(403);
  });

  it('leave no link and no form token in what the function says about itself or writes down', async () => {
    for (const [, , make] of CASES) await get(await make());
    const said = JSON.stringify([telemetry.said, telemetry.counts, await stores.audit.read(INCIDENT_ID)]);
    expect(said).not.toContain(link);
    expect(said).not.toMatch(/eyJ[\w-]+\./);
  });
});
