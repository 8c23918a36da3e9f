import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slack } from '../../connectors/chat/slack/client.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import { publishOutputSchema } from '../../domain/orchestration.ts';
import { watchesOf } from '../../domain/watch/watch.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/slack.json' with { type: 'json' };
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { slackSandbox } from '../../local/sandbox/slack/slack.ts';
import type { SandboxSystem } from '../../local/sandbox/system.ts';
import { memoryDigestLine } from '../../test/fakes/digest-stores.ts';
import { sampleConfiguration } from '../../test/fakes/planning.ts';
import { memorySecrets } from '../../test/fakes/secrets.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { INCIDENT_ID, type StoryStores, storyStores } from '../../test/stories/asked-action.ts';
import { type PublishChatDeps, publishChat } from './publish-chat.ts';

const NOW = new Date('2025-10-14T09:20:00.000Z');
let sandbox: SandboxSystem;
let server: SandboxServer;
let stores: StoryStores;
let deps: PublishChatDeps;

beforeEach(async () => {
  sandbox = slackSandbox(scenario);
  server = await serve({ systems: { slack: sandbox }, mount: 'prefix' });
  stores = await storyStores({ asked: true });
  deps = {
    ...stores,
    config: sampleConfiguration(),
    now: () => NOW,
    line: memoryDigestLine(stores.incidents),
    rate: { isExceeded: async () => false },
    telemetry: recordingTelemetry(),
    chat: {
      system: 'slack',
      slack: slack({
        http: { ...realHttp, sleep: async () => undefined },
        secrets: memorySecrets({ 'parapet/slack': { botToken: scenario.botToken } }),
        settings: { baseUrl: `${server.url}/slack`, channel: 'C0PARAPET1', secret: 'parapet/slack' },
      }),
    },
  };
});
afterEach(() => server.close());

interface Shown {
  readonly text: string;
  readonly blocks: unknown;
  readonly updates: number;
  readonly thread?: unknown;
}

function messages(): Shown[] {
  const view: { messages: Shown[] } = JSON.parse(JSON.stringify(sandbox.view()));
  return view.messages;
}

async function undone(attempt: number, result: 'undone' | 'rejected'): Promise<void> {
  await stores.audit.append({
    chain: INCIDENT_ID,
    at: NOW.toISOString(),
    actor: { type: 'function', id: 'conclude-undo' },
    kind: 'rollback.concluded',
    data: { actionId: 'A1', attempt, result, reason: 'because of it' },
  });
}

describe('publishing the chat message of an incident', () => {
  it('posts one message and replaces it at the end with the outcome', async () => {
    const output = await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    expect(publishOutputSchema.parse(output)).toEqual({
      destination: 'chat',
      state: 'created',
      remoteId: 'C0PARAPET1:1760433500.000001',
    });
    await stores.incidents.update(INCIDENT_ID, { status: 'concluded', outcome: 'rejected' });
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'concluded' });
    expect(messages()).toHaveLength(1);
    expect(messages()[0]?.updates).toBe(1);
    expect(JSON.stringify(messages()[0]?.blocks)).toContain('the action was rejected by an approver');
  });

  it('says first that something no longer holds, when a later look saw it', async () => {
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    const of = { incidentId: INCIDENT_ID, actionId: 'A1', action: 'kubernetes.quarantine-pod', planKey: 'p' } as const;
    for (const look of watchesOf(of, NOW.toISOString(), [900, 3600])) await stores.watches.plan(look);
    await stores.watches.record(
      { ...of, watch: '15m' },
      { result: 'failed', at: NOW.toISOString(), detail: 'label: gone' },
    );
    expect(await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'drifted' })).toMatchObject({ state: 'updated' });
    expect(JSON.stringify(messages()[0]?.blocks)).toContain('what was contained no longer holds (A1 after 15m).');
    // An edited message rings nowhere.
    expect(messages().map(({ text, thread }) => [text, thread])).toEqual([
      [expect.any(String), undefined],
      [
        `Parapet incident ${INCIDENT_ID}: what was contained no longer holds (A1 after 15m).`,
        { ts: '1760433500.000001', broadcast: true },
      ],
    ]);
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'drifted' });
    expect(messages()).toHaveLength(2);
    await stores.watches.record(
      { ...of, watch: '1h' },
      { result: 'failed', at: NOW.toISOString(), detail: 'label: gone' },
    );
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'drifted' });
    expect(messages().at(-1)?.text).toContain('(A1 after 15m, A1 after 1h)');
  });

  it('replies when what held only in part has come to hold', async () => {
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    const of = { incidentId: INCIDENT_ID, actionId: 'A1', action: 'kubernetes.quarantine-pod', planKey: 'p' } as const;
    for (const look of watchesOf({ ...of, from: 'partial' }, NOW.toISOString(), [900])) await stores.watches.plan(look);
    await stores.watches.record({ ...of, watch: '15m' }, { result: 'contained', at: NOW.toISOString(), detail: 'd' });
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'settled' });
    expect(messages().map(({ text }) => text)[1]).toBe(
      `Parapet incident ${INCIDENT_ID}: what held only in part holds now (A1 after 15m).`,
    );
  });

  it('replies once to each roll-back on demand, and no longer tells of drift in what was undone', async () => {
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    const of = { incidentId: INCIDENT_ID, actionId: 'A1', action: 'kubernetes.quarantine-pod', planKey: 'p' } as const;
    for (const look of watchesOf(of, NOW.toISOString(), [900])) await stores.watches.plan(look);
    await stores.watches.record({ ...of, watch: '15m' }, { result: 'failed', at: NOW.toISOString(), detail: 'gone' });
    await undone(1, 'rejected');
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'undone' });
    await undone(2, 'undone');
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'undone' });
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'undone' });
    expect(messages().slice(1)).toMatchObject([
      { text: expect.stringContaining('was not rolled back, although somebody had asked for it (A1, request 1).') },
      { text: expect.stringContaining('an action was rolled back on demand (A1, request 2).') },
    ]);
    expect(JSON.stringify(messages()[0]?.blocks)).not.toContain('no longer holds');
  });

  it('says in the log, and not twice in the channel, that a reply could not be posted', async () => {
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    await undone(1, 'undone');
    const { chat } = deps;
    if (chat === undefined) throw new Error('there is no chat');
    const broken = { ...chat.slack, reply: () => Promise.reject(new DestinationRefusedError('is_archived')) };
    await publishChat({ ...deps, chat: { ...chat, slack: broken } }, { incidentId: INCIDENT_ID, stage: 'undone' });
    const said = (await stores.audit.read(INCIDENT_ID)).filter(({ data }) => data['what'] === 'reply');
    expect(said.map(({ data }) => [data['state'], data['note']])).toEqual([['failed', 'is_archived']]);
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'undone' });
    expect(messages()).toHaveLength(1);
  });

  it('is called again for a reply that was surely not posted', async () => {
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    await undone(1, 'undone');
    const { chat } = deps;
    if (chat === undefined) throw new Error('there is no chat');
    const busy = {
      ...chat.slack,
      reply: () => Promise.reject(new DestinationUnavailableError('rate_limited', { outcomeUnknown: false })),
    };
    const again = { ...deps, chat: { ...chat, slack: busy } };
    await expect(publishChat(again, { incidentId: INCIDENT_ID, stage: 'undone' })).rejects.toThrow('rate_limited');
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'undone' });
    expect(messages()).toHaveLength(2);
  });

  it('posts nothing where the phase is observe, at any stage', async () => {
    const quiet = { ...deps, config: sampleConfiguration({ rollout: [] }) };
    for (const stage of ['opened', 'concluded', 'drifted']) {
      expect(await publishChat(quiet, { incidentId: INCIDENT_ID, stage })).toEqual({
        destination: 'chat',
        state: 'observed',
      });
    }
    expect([messages(), await stores.incidents.publications(INCIDENT_ID)]).toEqual([[], []]);
  });

  it('says who wrote the sentences and carries no way to approve', async () => {
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    const text = JSON.stringify(messages());
    expect(text).toContain('Written by the rules analyst');
    expect(text).toContain('Quarantine pod payments/checkout-6d9f7c5b8d-x2x9q in prod-eks');
    expect(text).not.toMatch(/\/approvals\/|eyJ/);
  });

  it('links the ticket once that exists', async () => {
    await stores.incidents.recordPublication(INCIDENT_ID, {
      destination: 'ticket',
      system: 'jira',
      state: 'created',
      remoteId: 'SEC-2',
      url: 'https://example.atlassian.net/browse/SEC-2',
      claimedAt: NOW.toISOString(),
      updatedAt: NOW.toISOString(),
    });
    await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' });
    expect(JSON.stringify(messages())).toContain('https://example.atlassian.net/browse/SEC-2');
  });

  it('answers failed with the reason when Slack refuses - the incident goes on', async () => {
    server.misbehave({ system: 'slack', reply: { status: 200, body: '{"ok":false,"error":"is_archived"}' } });
    expect(await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' })).toEqual({
      destination: 'chat',
      state: 'failed',
      note: 'Slack refused chat.postMessage: is_archived',
    });
    expect((await stores.audit.read(INCIDENT_ID)).map(({ data }) => data['state'])).toEqual(['failed']);
  });

  it('does not post twice within one run after silence', async () => {
    server.misbehave({ system: 'slack', reply: { cutAfterBytes: 4 } });
    expect(await publishChat(deps, { incidentId: INCIDENT_ID, stage: 'opened' })).toMatchObject({ state: 'failed' });
    expect(server.calls).toHaveLength(1);
  });

  it('says not-configured when there is no chat', async () => {
    expect(await publishChat({ ...deps, chat: undefined }, { incidentId: INCIDENT_ID, stage: 'opened' })).toEqual({
      destination: 'chat',
      state: 'not-configured',
    });
  });
});
