import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slack } from '../../connectors/chat/slack/client.ts';
import type { ChatContent } from '../../connectors/chat/slack/map.ts';
import { type HttpDeps, realHttp } from '../../connectors/http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import type { Block } from '../../domain/publish/blocks.ts';
import { chatDigest } from '../../domain/publish/chat-digest.ts';
import { incidentSummary } from '../../domain/publish/incident-summary.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/slack.json' with { type: 'json' };
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { slackSandbox } from '../../local/sandbox/slack/slack.ts';
import type { SandboxSystem } from '../../local/sandbox/system.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';
import { INCIDENT_ID, storyAnalysis, storyIncident, storyPack, storyPlan } from '../stories/asked-action.ts';

const SECRET = 'parapet/slack';
let sandbox: SandboxSystem;
let server: SandboxServer;
let secrets: MemorySecrets;
let waits: number[];

beforeEach(async () => {
  sandbox = slackSandbox(scenario);
  server = await serve({ systems: { slack: sandbox }, mount: 'prefix' });
  secrets = memorySecrets({ [SECRET]: { botToken: scenario.botToken } });
  waits = [];
});
afterEach(() => server.close());

function client(channel = 'C0PARAPET1') {
  const http: HttpDeps = { ...realHttp, sleep: async (ms) => void waits.push(ms) };
  return slack({
    http,
    secrets,
    settings: { baseUrl: `${server.url}/slack`, channel, secret: SECRET },
    limits: { timeoutMs: 2_000, maxAnswerBytes: 1_000_000, attempts: 3, maxWaitMs: 5_000 },
  });
}

function content(change: Partial<ChatContent> = {}): ChatContent {
  return {
    incidentId: INCIDENT_ID,
    title: '[critical] Crypto-miner in payments/checkout',
    blocks: [{ type: 'paragraph', text: 'Mining was seen.' }],
    ...change,
  };
}

function messages(): Record<string, unknown>[] {
  const view: { messages: Record<string, unknown>[] } = JSON.parse(JSON.stringify(sandbox.view()));
  return view.messages;
}
const posts = (): number => server.calls.filter(({ path }) => path === '/chat.postMessage').length;

describe('the Slack connector against an API as strict as the real one', () => {
  it('posts one message with a text for notifications, without previews, and updates that same message', async () => {
    const posted = await client().post(content());
    expect(posted).toEqual({
      remoteId: 'C0PARAPET1:1760433500.000001',
      requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      status: 200,
    });
    await client().update(posted.remoteId, content({ title: '[critical] Contained' }));
    await client().update(posted.remoteId, content({ title: '[critical] Contained' }));
    expect(messages()).toEqual([
      expect.objectContaining({
        text: '[critical] Contained',
        updates: 2,
        unfurl: { links: false, media: false },
        metadata: { event_type: 'parapet_incident', event_payload: { incident_id: INCIDENT_ID } },
      }),
    ]);
  });

  it('takes the summary of the sample story', async () => {
    const bodies = { incident: storyIncident(), analysis: storyAnalysis(), pack: storyPack(), plan: storyPlan() };
    await client().post({
      incidentId: INCIDENT_ID,
      ...incidentSummary(bodies, 'https://example.atlassian.net/browse/SEC-2'),
    });
    const text = JSON.stringify(messages());
    expect(text).toContain('https://example.atlassian.net/browse/SEC-2');
    expect(text).not.toMatch(/stratum\+tcp:\/\/pool\.example\.net/);
    expect(text).not.toContain('/approvals/');
  });

  it('takes a digest of as many incidents as there may be, with hostile names, and says which digest it is', async () => {
    const told = Array.from({ length: 1_000 }, (_, index) => ({
      entry: {
        incidentId: `inc-${String(index).padStart(20, '0')}`,
        stoodAt: '2025-10-14T09:20:00.000Z',
        severity: 'medium' as const,
        what: `<!channel> ${'&'.repeat(80)} ${index % 30}`,
        headline: `<@U123> ${'<'.repeat(230)}`,
        workload: `${'>'.repeat(70)} ${index}`,
      },
      ticket: { key: `SEC-${index}`, url: `https://example.atlassian.net/browse/SEC-${index}` },
    }));
    const digest = chatDigest(told, { perMinute: 20, more: true });
    expect((await client().postDigest({ digestId: 'dig-1', ...digest })).remoteId).toBe('C0PARAPET1:1760433500.000001');
    const [message] = messages();
    expect(message?.['metadata']).toEqual({ event_type: 'parapet_digest', event_payload: { digest_id: 'dig-1' } });
    expect(message?.['text']).toBe('1000 incidents: 1000 medium');
    const shown = JSON.stringify(message?.['blocks']);
    // What was cut is the hostile part: every shown incident keeps its id, its key and its link.
    for (const { entry, ticket } of told.slice(0, 15)) {
      expect(shown).toContain(`[medium] ${ticket.key} ${entry.incidentId}: `);
      expect(shown).toContain(`"url":"${ticket.url}"`);
    }
    expect(shown).toContain('… and 985 more');
  });

  it('makes mentions and links of outside text harmless', async () => {
    const hostile = '<!channel> <@U123> <https://evil.example.net|ok> &lt;';
    await client().post(content({ title: hostile, blocks: [{ type: 'paragraph', text: hostile }] }));
    const [message] = messages();
    expect(message?.['text']).toBe('&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example.net|ok&gt; &amp;lt;');
    expect(JSON.stringify(message?.['blocks'])).not.toMatch(/<[!@h]/);
  });

  it('does not post again after silence - the message may be there', async () => {
    server.misbehave({ system: 'slack', path: 'postMessage', reply: { cutAfterBytes: 5 } });
    await expect(client().post(content())).rejects.toMatchObject({ outcomeUnknown: true });
    expect(posts()).toBe(1);
  });

  it('waits as long as a 429 asks and posts then', async () => {
    server.misbehave({ system: 'slack', reply: { status: 429, headers: { 'retry-after': '1' } } });
    expect((await client().post(content())).status).toBe(200);
    expect(waits).toEqual([1_000]);
    expect(messages()).toHaveLength(1);
  });

  it('ends within its budget on Retry-After 30 - the next stage tries again', async () => {
    server.misbehave({ system: 'slack', reply: { status: 429, headers: { 'retry-after': '30' } } });
    await expect(client().post(content())).rejects.toMatchObject({ outcomeUnknown: false });
    expect(waits).toEqual([]);
  });

  it.each([
    ['channel_not_found', DestinationRefusedError],
    ['invalid_blocks', DestinationRefusedError],
    ['not_in_channel', DestinationRefusedError],
    ['a_code_of_tomorrow', DestinationRefusedError],
    ['rate_limited', DestinationUnavailableError],
    ['internal_error', DestinationUnavailableError],
  ])('reads %s from an answer with status 200', async (error, kind) => {
    server.misbehave({ system: 'slack', reply: { status: 200, body: JSON.stringify({ ok: false, error }) } });
    const caught = await client()
      .post(content())
      .catch((thrown: unknown) => thrown);
    expect(caught).toBeInstanceOf(kind);
    expect(String(caught)).toContain(error);
  });

  it('reads the token again when it is refused, and names the secret when that is refused too', async () => {
    secrets.stored.set(SECRET, { botToken: 'xoxb-old-1' });
    await expect(client().post(content())).rejects.toThrow(SECRET);
    expect(secrets.fetched).toEqual([SECRET, SECRET]);
    secrets.stored.set(SECRET, { botToken: scenario.botToken });
    expect((await client().post(content())).status).toBe(200);
  });

  it('refuses to update what is no message of ours', async () => {
    await expect(client().update('C0PARAPET1', content())).rejects.toBeInstanceOf(DestinationRefusedError);
  });

  it('stays within every limit of Block Kit, whatever the words and however many', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 1_400, max: 3_100 }).map((length) => '&<!here>👩‍🚒'.repeat(length / 4)),
    );
    const block: fc.Arbitrary<Block> = fc.oneof(
      fc.record({ type: fc.constantFrom('heading', 'paragraph', 'code'), text }),
      fc.record({ type: fc.constant('bullets' as const), items: fc.array(text, { maxLength: 5 }) }),
      fc.record({
        type: fc.constant('facts' as const),
        rows: fc.array(fc.record({ label: text, value: text }), { maxLength: 23 }),
      }),
      fc.record({ type: fc.constant('link' as const), text, url: fc.oneof(text, fc.webUrl()) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 60 }), text, async (blocks, title) => {
        expect((await client().post(content({ blocks, title: `x${title}` }))).status).toBe(200);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('the Slack sandbox refuses what Slack refuses, with status 200', () => {
  const good = { channel: 'C0PARAPET1', text: 'x' };
  const section = (text: string) => ({ type: 'section', text: { type: 'plain_text', text } });
  it.each([
    ['no token', {}, good, 'not_authed'],
    ['another token', { authorization: 'Bearer xoxb-1' }, good, 'invalid_auth'],
    ['an unknown channel', undefined, { ...good, channel: 'C0NOWHERE0' }, 'channel_not_found'],
    ['no text', undefined, { channel: 'C0PARAPET1' }, 'no_text'],
    ['an unknown argument', undefined, { ...good, colour: 'red' }, 'invalid_arguments'],
    ['a section that is too long', undefined, { ...good, blocks: [section('x'.repeat(3_001))] }, 'invalid_blocks'],
    [
      'too many blocks',
      undefined,
      { ...good, blocks: Array.from({ length: 51 }, () => section('x')) },
      'invalid_blocks',
    ],
    ['a block nobody knows', undefined, { ...good, blocks: [{ type: 'script' }] }, 'invalid_blocks'],
  ])('%s', async (_, headers, body, error) => {
    const answer = await fetch(`${server.url}/slack/chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers ?? { authorization: `Bearer ${scenario.botToken}` }) },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ok: false, error });
  });
});
