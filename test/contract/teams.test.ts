import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cardMessage, MAX_CARD_BYTES } from '../../connectors/chat/teams/card.ts';
import { teams } from '../../connectors/chat/teams/client.ts';
import { teamsSecretSchema } from '../../connectors/chat/teams/schema.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import type { Block } from '../../domain/publish/blocks.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type TeamsSandbox, teamsSandbox } from '../../local/sandbox/teams/teams.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';

const SECRET = 'parapet/teams';
const SIGNATURE = 'an-invented-signature';
let sandbox: TeamsSandbox;
let server: SandboxServer;
let secrets: MemorySecrets;
let waits: number[];

beforeEach(async () => {
  sandbox = teamsSandbox({ signature: SIGNATURE });
  server = await serve({ systems: { teams: sandbox }, mount: 'prefix' });
  secrets = memorySecrets({ [SECRET]: { url: `${server.url}/teams/workflows/x?sig=${SIGNATURE}` } });
  waits = [];
});
afterEach(() => server.close());

const client = () =>
  teams({
    http: { ...realHttp, sleep: async (ms) => void waits.push(ms) },
    secrets,
    settings: { secret: SECRET },
    limits: { timeoutMs: 2_000, maxAnswerBytes: 100_000, attempts: 3, maxWaitMs: 5_000 },
  });
const LINK: Block = { type: 'link', text: 'Approval page', url: 'https://people.example.com/approvals/apr-1' };
const post = (blocks: readonly Block[] = [{ type: 'paragraph', text: 'x' }]) =>
  client().post({ title: 'Decision needed', blocks });
const failure = async () => await post().catch((error: unknown) => error);

describe('the Teams connector against a webhook as strict as the real one', () => {
  it('posts a card of version 1.4 with the one link as its button, and no other action', async () => {
    await post([
      { type: 'facts', rows: [{ label: 'Target', value: 'Pod payments/x' }] },
      { type: 'code', text: 'kubectl get pod' },
      { type: 'bullets', items: ['one', 'two'] },
      LINK,
    ]);
    expect(sandbox.cards()).toEqual([
      {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          { type: 'TextBlock', wrap: true, text: 'Decision needed', weight: 'Bolder', size: 'Medium' },
          { type: 'FactSet', facts: [{ title: 'Target', value: 'Pod payments/x' }] },
          { type: 'TextBlock', wrap: true, text: 'kubectl get pod', fontType: 'Monospace' },
          { type: 'TextBlock', wrap: true, text: '•  one' },
          { type: 'TextBlock', wrap: true, text: '•  two' },
        ],
        actions: [
          { type: 'Action.OpenUrl', title: 'Approval page', url: 'https://people.example.com/approvals/apr-1' },
        ],
      },
    ]);
  });

  it('lets no word of the evidence become a link, a mention or a template', async () => {
    await post([{ type: 'paragraph', text: '[ok](https://evil.example) <at>all</at> **x** {{DATE(2020-01-01)}} `y`' }]);
    const shown = sandbox.cards()[0]?.body[1];
    expect(shown).toMatchObject({ text: expect.not.stringMatching(/(?<!\\)[[\]()<>*`]|\{\{/) });
  });

  it('has no button for what is no web address', () => {
    const card = cardMessage({ title: 'x', blocks: [{ type: 'link', text: 'x', url: 'javascript:alert(1)' }] });
    expect(card).not.toContain('Action');
  });

  it('fits 28 KB whatever it is given, keeps its link, and says that it was cut', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 3_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ type: fc.constantFrom('paragraph', 'code', 'heading'), text }), { maxLength: 40 }),
        text,
        async (blocks, title) => {
          const card = cardMessage({ title, blocks: [...blocks, LINK] });
          expect(Buffer.byteLength(card)).toBeLessThanOrEqual(MAX_CARD_BYTES);
          expect(card).toContain(LINK.type === 'link' ? LINK.url : '');
          await post([...blocks, LINK]);
        },
      ),
      { numRuns: 30 },
    );
    await post([...Array.from({ length: 100 }, () => ({ type: 'paragraph' as const, text: '🙂'.repeat(900) })), LINK]);
    const last = sandbox.cards().at(-1);
    expect(JSON.stringify(last?.body.at(-1))).toContain('shortened');
  });

  it('waits for a bearable Retry-After, posts nothing twice after silence, and tells the two apart', async () => {
    server.misbehave({ system: 'teams', reply: { status: 429, headers: { 'retry-after': '2' } } });
    await post();
    expect([waits, sandbox.cards().length]).toEqual([[2000], 1]);
    server.misbehave({ system: 'teams', reply: { cutAfterBytes: 4 } });
    expect(await failure()).toMatchObject({ name: 'DestinationUnavailableError', outcomeUnknown: true });
    server.misbehave({ system: 'teams', reply: { status: 429, headers: { 'retry-after': '30' } } });
    const later = await failure();
    expect(later).toBeInstanceOf(DestinationUnavailableError);
    expect(later).toMatchObject({ outcomeUnknown: false });
    expect(server.calls).toHaveLength(4);
  });

  it.each([401, 403, 404, 410, 413, 400])('says what to look at after %d, and never the address', async (status) => {
    server.misbehave({
      system: 'teams',
      times: 2,
      reply: { status, body: `see ${server.url}/teams/workflows/x?sig=${SIGNATURE}` },
    });
    const error = await failure();
    expect(error).toBeInstanceOf(DestinationRefusedError);
    expect(String(error)).toContain(SECRET);
    const { message, cause } = error instanceof Error ? error : new Error();
    expect(`${message} ${String(cause)}`).not.toContain(SIGNATURE);
  });

  it('takes an address that was renewed since it was read', async () => {
    secrets.stored.set(SECRET, { url: `${server.url}/teams/workflows/x?sig=old` });
    const one = client();
    await one.post({ title: 'x', blocks: [] }).catch(() => undefined);
    secrets.stored.set(SECRET, { url: `${server.url}/teams/workflows/x?sig=${SIGNATURE}` });
    await one.post({ title: 'x', blocks: [] });
    expect(sandbox.cards()).toHaveLength(1);
  });
});

describe('the address of a webhook', () => {
  it.each([
    ['https://prod-01.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?sig=x', true],
    ['https://x.environment.api.powerplatform.com/powerautomate/x?sig=x', true],
    ['https://api.powerautomate.com/x?sig=x', true],
    ['http://prod-01.westeurope.logic.azure.com/workflows/x', false],
    ['https://logic.azure.com.evil.example/x', false],
    ['https://evil-logic.azure.com.example/x', false],
    ['https://user@prod-01.westeurope.logic.azure.com/x', false],
    ['https://example.webhook.office.com/webhookb2/x', false],
    ['http://127.0.0.1:4580/teams/workflows/x', true],
    ['x', false],
  ])('%s is one of Workflows: %s', (url, expected) => {
    expect(teamsSecretSchema.safeParse({ url }).success).toBe(expected);
  });
});
