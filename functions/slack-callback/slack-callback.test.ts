import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signatureOf } from '../../connectors/chat/slack/signature.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/slack.json' with { type: 'json' };
import type { SentClick } from '../../local/sandbox/slack/click.ts';
import { INCIDENT_ID, storyApproval, storyIncident } from '../../test/stories/asked-action.ts';
import {
  MEMBERS,
  type SlackStory,
  STRANGER,
  slackConfiguration,
  slackEvent,
  slackStory,
} from '../../test/stories/slack-question.ts';
import { type SlackCallbackDeps, slackCallback } from './slack-callback.ts';

const ID = storyApproval().approvalId;
const EMPTY_200 = { statusCode: 200, headers: { 'cache-control': 'no-store' }, body: '' };
let story: SlackStory;
const open: SlackStory[] = [];
const begin = async (...args: Parameters<typeof slackStory>): Promise<SlackStory> => {
  const one = await slackStory(...args);
  open.push(one);
  await one.show();
  return one;
};
beforeEach(async () => {
  story = await begin();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

const send = (click: SentClick, change: Partial<SlackCallbackDeps> = {}, encoding: 'base64' | 'text' = 'base64') =>
  slackCallback({ ...story.answering, ...change }, slackEvent(click, encoding));
const status = async () => (await story.stores.approvals.get(ID))?.status;
const refusals = async () =>
  (await story.stores.audit.read(INCIDENT_ID))
    .filter(({ kind }) => kind === 'approval.refused')
    .map(({ data }) => data);
const decisions = async () =>
  (await story.stores.audit.read(INCIDENT_ID)).filter(({ kind }) => /approval\.(decided|voted)/.test(kind));
const told = () => story.told().map(({ text }) => text);
/** Changed after it was made and signed as Slack would have. */
function resigned(click: SentClick, change: (payload: Record<string, unknown>) => unknown): SentClick {
  const payload: Record<string, unknown> = JSON.parse(new URLSearchParams(click.body).get('payload') ?? '');
  const body = `payload=${encodeURIComponent(JSON.stringify(change(payload)))}`;
  const timestamp = click.headers['x-slack-request-timestamp'] ?? '';
  const signature = signatureOf(scenario.signingSecret, timestamp, Buffer.from(body));
  return { headers: { ...click.headers, 'x-slack-signature': signature }, body };
}

describe('a click in Slack', () => {
  it.each([
    ['approve', 'APPROVED', 'approved'],
    ['reject', 'REJECTED', 'rejected'],
  ] as const)(
    'to %s decides in the one record, with who and where in the log, and is answered empty',
    async (press, state, decision) => {
      expect(await send(story.click(press, MEMBERS.dana))).toEqual(EMPTY_200);
      expect(await story.stores.approvals.get(ID)).toMatchObject({
        status: state,
        decidedBy: 'dana',
        votes: [{ person: 'dana', decision, channel: 'slack' }],
        delivery: 'waiting',
      });
      expect(await decisions()).toEqual([
        expect.objectContaining({
          kind: 'approval.decided',
          actor: { type: 'person', id: 'dana' },
          data: expect.objectContaining({
            approvalId: ID,
            decision,
            channel: 'slack',
            planDigest: storyApproval().planDigest,
          }),
        }),
      ]);
      expect(told()).toEqual([]);
    },
  );

  it('is read from text as from base64, whatever the case of header names - proxies differ', async () => {
    const click = story.click('approve', MEMBERS.dana);
    const headers = Object.fromEntries(
      Object.entries(click.headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(await send({ ...click, headers }, {}, 'text')).toEqual(EMPTY_200);
    expect(await status()).toBe('APPROVED');
  });

  it('is proven with letters of many bytes in the body, in base64 and without', async () => {
    for (const encoding of ['base64', 'text'] as const) {
      const one = await begin();
      const click = one.click('approve', MEMBERS.dana);
      const timestamp = click.headers['x-slack-request-timestamp'] ?? '';
      // Not percent-encoded: raw UTF-8 in the body, which a reader that decodes as ASCII would break.
      const body = `${click.body}&note=größe🙂`;
      const signature = signatureOf(scenario.signingSecret, timestamp, Buffer.from(body));
      const sent = { headers: { ...click.headers, 'x-slack-signature': signature }, body };
      expect(await slackCallback(one.answering, slackEvent(sent, encoding))).toEqual(EMPTY_200);
      expect((await one.stores.approvals.get(ID))?.status).toBe('APPROVED');
    }
  });

  it.each([
    [299, 200, 'APPROVED'],
    [-299, 200, 'APPROVED'],
    [301, 401, 'PENDING'],
    [-301, 401, 'PENDING'],
  ] as const)('from %d seconds away is answered %d', async (seconds, code, state) => {
    expect((await send(story.click('approve', MEMBERS.dana, seconds))).statusCode).toBe(code);
    expect(await status()).toBe(state);
  });

  it.each([
    ['without a signature', { 'x-slack-signature': undefined }, 'unsigned'],
    ['without a timestamp', { 'x-slack-request-timestamp': undefined }, 'unsigned'],
    ['with another signature', { 'x-slack-signature': `v0=${'0'.repeat(64)}` }, 'forged'],
    ['of another scheme', { 'x-slack-signature': `v1=${'0'.repeat(64)}` }, 'forged'],
  ])('%s is refused before anything of it is read', async (_, change, reason) => {
    const click = story.click('approve', MEMBERS.dana);
    const event = slackEvent(click);
    const merged = { ...Object(event), headers: { ...click.headers, ...change } };
    expect((await slackCallback(story.answering, merged)).statusCode).toBe(401);
    expect(story.telemetry.counted('SlackCallbackRefused', { reason })).toBe(1);
    expect([await status(), await refusals()]).toEqual(['PENDING', []]);
  });

  it('is proven with the previous secret during a rotation, and with one that was regenerated since it was read', async () => {
    const { stored } = story.stores.secrets;
    const both = { current: 'the-secret-after-the-rotation', previous: scenario.signingSecret };
    stored.set('parapet/slack-signing', both);
    expect((await send(story.click('reject', MEMBERS.dana))).statusCode).toBe(200);
    expect(await status()).toBe('REJECTED');
    const late = await begin();
    late.stores.secrets.stored.set('parapet/slack-signing', { current: 'the-secret-before-the-rotation' });
    expect((await slackCallback(late.answering, slackEvent(late.click('approve', MEMBERS.dana)))).statusCode).toBe(401);
    late.stores.secrets.stored.set('parapet/slack-signing', { current: scenario.signingSecret });
    expect((await slackCallback(late.answering, slackEvent(late.click('approve', MEMBERS.dana)))).statusCode).toBe(200);
  });

  it('is refused when the secret cannot be read - a guard that cannot be evaluated never opens', async () => {
    story.stores.secrets.unavailable = true;
    expect((await send(story.click('approve', MEMBERS.dana))).statusCode).toBe(503);
    expect(await status()).toBe('PENDING');
  });

  it.each([
    ['another workspace', (payload: object) => ({ ...payload, team: { id: 'T0OTHER001', domain: 'x' } }), 403],
    ['no single workspace', (payload: object) => ({ ...payload, team: null }), 403],
    ['another app', (payload: object) => ({ ...payload, api_app_id: 'A0OTHER001' }), 403],
    ['no user', (payload: object) => ({ ...payload, user: undefined }), 400],
    ['no action', (payload: object) => ({ ...payload, actions: [] }), 400],
    [
      'a value that names no question',
      (payload: object) => ({ ...payload, actions: [{ action_id: 'parapet_approve', value: 'x' }] }),
      400,
    ],
    [
      'two of our buttons at once',
      (payload: object) => ({
        ...payload,
        actions: ['parapet_approve', 'parapet_reject'].map((action_id) => ({
          action_id,
          value: `${ID}.${storyApproval().planDigest}`,
        })),
      }),
      400,
    ],
    ['no channel, which is not looked at', (payload: object) => ({ ...payload, channel: undefined }), 200],
    [
      'a button of somebody else',
      (payload: object) => ({ ...payload, actions: [{ action_id: 'details', value: 'x' }] }),
      200,
    ],
    ['another kind of interaction', (payload: object) => ({ ...payload, type: 'view_submission' }), 200],
  ] as const)('with %s', async (_, change, code) => {
    const reply = await send(resigned(story.click('approve', MEMBERS.dana), change));
    expect(reply.statusCode).toBe(code);
    const decides = code === 200 && /channel/.test(_);
    expect(await status()).toBe(decides ? 'APPROVED' : 'PENDING');
  });

  it.each(['payload=', 'payload=%7B', 'x=1', 'payload=1&payload=2', ''])(
    'that is genuine and says "%s" is refused without a fault',
    async (body) => {
      const timestamp = String(Math.floor(story.clock.at / 1000));
      const signature = signatureOf(scenario.signingSecret, timestamp, Buffer.from(body));
      const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
      expect((await send({ headers, body })).statusCode).toBe(400);
    },
  );

  it('larger than any message of ours is refused before it is checked', async () => {
    expect((await send({ headers: {}, body: 'x'.repeat(600_000) })).statusCode).toBe(413);
  });

  it('means nothing where questions are not asked in Slack', async () => {
    expect((await send(story.click('approve', MEMBERS.dana), { slack: undefined })).statusCode).toBe(403);
    expect(await status()).toBe('PENDING');
  });
});

describe('who clicks', () => {
  it('and is nobody to the configuration is told so alone - being in the channel is no right', async () => {
    expect(await send(story.click('approve', STRANGER))).toEqual(EMPTY_200);
    expect(await status()).toBe('PENDING');
    expect(story.told()).toEqual([{ userId: STRANGER, text: expect.stringContaining('not known as an approver') }]);
    await send(story.click('reject', STRANGER));
    expect(await refusals()).toEqual([
      { approvalId: ID, refusal: 'unmapped', method: 'click', person: 'unknown', channel: 'slack' },
    ]);
  });

  it('and has no right here, or was not asked, decides nothing', async () => {
    await send(story.click('approve', MEMBERS.elsewhere));
    expect([await status(), told()]).toEqual([
      'PENDING',
      [expect.stringContaining('does not, or no longer, let you decide')],
    ]);
    expect(await refusals()).toMatchObject([{ refusal: 'not-allowed', person: 'elsewhere' }]);
  });

  it('and may not do it themselves by the cluster’s word decides nothing', async () => {
    story.rights.say.set('dana', { right: 'no', reason: 'In cluster prod-eks, Dana Example may not patch pods.' });
    await send(story.click('approve', MEMBERS.dana));
    expect([await status(), told()]).toEqual(['PENDING', [expect.stringContaining('may not patch pods')]]);
  });

  it('and whose rights are not known in time decides nothing - Slack waits three seconds', async () => {
    const rights = { check: () => new Promise<never>(() => undefined) };
    const waits: number[] = [];
    const wait = async (ms: number) => void waits.push(ms);
    expect(await send(story.click('approve', MEMBERS.dana), { rights, wait })).toEqual(EMPTY_200);
    expect([await status(), waits]).toEqual(['PENDING', [1500]]);
    expect(told()).toEqual([expect.stringContaining('could not be found out in time')]);
  });

  it('twice, or together with somebody else, decides once, and the later one is told who was first', async () => {
    const clicks = [
      story.click('approve', MEMBERS.dana),
      story.click('approve', MEMBERS.dana),
      story.click('reject', MEMBERS.sam),
    ];
    // Two clicks of one person in the same millisecond would be one and the same vote.
    const now = () => new Date(story.clock.at++);
    const replies = await Promise.all(clicks.map((click) => send(click, { now })));
    expect(replies).toEqual([EMPTY_200, EMPTY_200, EMPTY_200]);
    expect(await decisions()).toHaveLength(1);
    expect(told()).toHaveLength(2);
  });

  it('is told once more and changes nothing when the very same click is replayed within its five minutes', async () => {
    const click = story.click('approve', MEMBERS.dana);
    await send(click);
    const before = await story.stores.approvals.get(ID);
    story.clock.at += 200_000;
    expect(await send(click)).toEqual(EMPTY_200);
    expect(await story.stores.approvals.get(ID)).toEqual(before);
    expect(await decisions()).toHaveLength(1);
    expect(told()).toEqual([expect.stringContaining('Dana Example approved it at')]);
  });

  it('is nobody’s second voice: where two must approve, one person counts once', async () => {
    story = await begin({ approval: { ...storyApproval(), quorum: 2 } });
    await send(story.click('approve', MEMBERS.dana));
    await send(story.click('approve', MEMBERS.dana));
    expect([await status(), told()]).toEqual(['PENDING', [expect.stringContaining('nobody counts twice')]]);
    await send(story.click('approve', MEMBERS.sam));
    expect(await status()).toBe('APPROVED');
  });
});

describe('what can no longer be decided', () => {
  it.each([
    [
      'the time is over',
      () => Object.assign(story.clock, { at: Date.parse(storyApproval().expiresAt) }),
      'the time to decide is over',
    ],
    ['it expired', () => story.stores.approvals.expire(ID, new Date()), 'the time to decide is over'],
    ['the incident was closed', () => story.stores.approvals.closePending(INCIDENT_ID), 'the incident is over'],
    [
      'the vendor does not confirm the alert',
      () => story.stores.incidents.seed(storyIncident({ confirmed: false })),
      'no longer confirmed',
    ],
    ['the plan is gone', () => story.stores.blobs.put(storyApproval().planKey, '{}'), 'not what would be executed now'],
  ])('because %s is told to who clicked', async (_, change, words) => {
    await change();
    expect(await send(story.click('approve', MEMBERS.dana))).toEqual(EMPTY_200);
    expect(await decisions()).toEqual([]);
    expect(told()).toEqual([expect.stringContaining(words)]);
  });

  it('is another plan than the message showed', async () => {
    const click = resigned(story.click('approve', MEMBERS.dana), (payload) => ({
      ...payload,
      actions: [{ action_id: 'parapet_approve', value: `${ID}.${'f'.repeat(64)}` }],
    }));
    await send(click);
    expect([await status(), told()]).toEqual(['PENDING', [expect.stringContaining('not what would be executed now')]]);
  });

  it('is what a click may not approve, though it may reject it - a channel proves no person', async () => {
    const config = slackConfiguration({ linkMayApprove: ['annotation'] });
    const click = story.click('approve', MEMBERS.dana);
    await send(click, { config });
    expect([await status(), told()]).toEqual(['PENDING', [expect.stringContaining('cannot be approved by a click')]]);
    await send(story.click('reject', MEMBERS.dana), { config });
    expect(await status()).toBe('REJECTED');
  });

  it('is what cannot be stored now: the person is told to try again, and nothing is half done', async () => {
    story.stores.approvals.failNext('decide', new Error('unavailable'));
    expect(await send(story.click('approve', MEMBERS.dana))).toEqual(EMPTY_200);
    expect([await status(), told()]).toEqual(['PENDING', [expect.stringContaining('Click again in a minute')]]);
    expect(story.telemetry.counted('SlackClickFailed')).toBe(1);
  });
});

describe('the address to answer at', () => {
  it.each([
    'https://evil.example/actions/x',
    'http://hooks.slack.com/actions/x',
    'https://hooks.slack.com.evil.example/x',
    'https://hooks.slack.com@evil.example/x',
    'https://hooks.slack.com:8443/x',
    'file:///etc/passwd',
    'hooks.slack.com',
  ])('is used only when it is Slack’s: %s', async (address) => {
    const asked: string[] = [];
    const http = {
      ...story.answering.http,
      fetch: async (url: unknown) => {
        asked.push(String(url));
        return new Response('ok');
      },
    };
    const click = resigned(story.click('approve', STRANGER), (payload) => ({ ...payload, response_url: address }));
    expect(await send(click, { http })).toEqual(EMPTY_200);
    expect(asked).toEqual([]);
  });

  it('stands in no log, and its failure changes nothing', async () => {
    story.server.misbehave({ system: 'slack', path: '^/actions/', reply: { status: 500, body: 'x' } });
    expect(await send(story.click('approve', STRANGER))).toEqual(EMPTY_200);
    const said = JSON.stringify(story.telemetry.said.map(({ cause, ...rest }) => [rest, String(cause)]));
    expect(said).not.toContain('hooks.slack.com');
    expect(said).not.toContain('/actions/');
  });
});
