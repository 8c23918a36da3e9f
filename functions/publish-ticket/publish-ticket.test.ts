import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realHttp } from '../../connectors/http/request.ts';
import { PublicationBusyError } from '../../connectors/publication/publish.ts';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { jira } from '../../connectors/ticketing/jira/client.ts';
import { publishOutputSchema } from '../../domain/orchestration.ts';
import { watchesOf } from '../../domain/watch/watch.ts';
import { jiraSandbox } from '../../local/sandbox/jira/jira.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/jira.json' with { type: 'json' };
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import type { SandboxCall, SandboxReply, SandboxSystem } from '../../local/sandbox/system.ts';
import { sampleConfiguration } from '../../test/fakes/planning.ts';
import { memorySecrets } from '../../test/fakes/secrets.ts';
import {
  ANALYSIS_KEY,
  INCIDENT_ID,
  linkFor,
  type StoryStores,
  storyIncident,
  storyStores,
} from '../../test/stories/asked-action.ts';
import { type PublishTicketDeps, publishTicket } from './publish-ticket.ts';

let sandbox: SandboxSystem;
let server: SandboxServer;
let stores: StoryStores;
let now: Date;
let swallowNextCreate: boolean;
let deps: PublishTicketDeps;

beforeEach(async () => {
  sandbox = jiraSandbox(scenario);
  swallowNextCreate = false;
  server = await serve({ systems: { jira: { view: () => sandbox.view(), handle } }, mount: 'prefix' });
  stores = await storyStores({ asked: true });
  now = new Date('2025-10-14T09:20:00.000Z');
  deps = {
    ...stores,
    config: sampleConfiguration(),
    now: () => now,
    ticketing: {
      system: 'jira',
      jira: jira({
        http: { ...realHttp, sleep: async () => undefined },
        secrets: memorySecrets({ 'parapet/jira': { email: scenario.email, apiToken: scenario.apiToken } }),
        settings: { baseUrl: `${server.url}/jira`, project: 'SEC', issueTypeId: '10001', secret: 'parapet/jira' },
      }),
    },
  };
});
afterEach(() => server.close());

/** A Jira whose gateway may lose the answer to a creation that was carried out. */
async function handle(call: SandboxCall): Promise<SandboxReply> {
  const reply = await sandbox.handle(call);
  const lost = swallowNextCreate && call.method === 'POST' && call.path.endsWith('/issue');
  if (lost) swallowNextCreate = false;
  return lost ? { status: 504 } : reply;
}

const opened = { incidentId: INCIDENT_ID, stage: 'opened' };
const concluded = { incidentId: INCIDENT_ID, stage: 'concluded' };

interface ShownIssue {
  readonly labels: readonly string[];
  readonly description: unknown;
  readonly comments: readonly unknown[];
}
function tickets(): ShownIssue[] {
  const { issues }: { issues: ShownIssue[] } = JSON.parse(JSON.stringify(sandbox.view()));
  return issues.filter(({ labels }) => labels.includes('parapet'));
}

describe('publishing the ticket of an incident', () => {
  it('creates one ticket, records it, and puts the proof of the request into the audit log', async () => {
    const output = await publishTicket(deps, opened);
    expect(publishOutputSchema.parse(output)).toEqual({ destination: 'ticket', state: 'created', remoteId: 'SEC-2' });
    expect(await stores.incidents.publications(INCIDENT_ID)).toEqual([
      {
        destination: 'ticket',
        system: 'jira',
        state: 'created',
        remoteId: 'SEC-2',
        url: `${server.url}/jira/browse/SEC-2`,
        claimedAt: now.toISOString(),
        updatedAt: now.toISOString(),
      },
    ]);
    expect(await stores.audit.read(INCIDENT_ID)).toMatchObject([
      {
        kind: 'published',
        actor: { type: 'function', id: 'publish-ticket' },
        data: {
          destination: 'ticket',
          system: 'jira',
          stage: 'opened',
          state: 'created',
          remoteId: 'SEC-2',
          url: `${server.url}/jira/browse/SEC-2`,
          requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          status: 201,
        },
      },
    ]);
  });

  it('says what happened, on which evidence, what is planned and how it is undone - and carries no way to approve', async () => {
    await publishTicket(deps, opened);
    const text = JSON.stringify(tickets());
    for (const part of [
      'Crypto-miner',
      '[E5]',
      'Quarantine pod payments/checkout',
      'Undo: ',
      'waits for an approver',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('hxxp://203[.]0[.]113[.]7/x.sh');
    expect(text).not.toContain('http://203.0.113.7');
    expect(text).not.toMatch(/\/approvals\/|eyJ/);
    expect(text).not.toContain(await linkFor(stores, 'dana'));
  });

  it('updates the same ticket at the end with status, outcome and times, and comments once however often it runs', async () => {
    await publishTicket(deps, opened);
    stores.incidents.seed(
      storyIncident({
        status: 'concluded',
        outcome: 'contained',
        times: {
          ...storyIncident().times,
          contained: '2025-10-14T09:23:00.000Z',
          concluded: '2025-10-14T09:24:00.000Z',
        },
      }),
    );
    await stores.incidents.recordPublication(INCIDENT_ID, {
      destination: 'ticket',
      system: 'jira',
      state: 'created',
      remoteId: 'SEC-2',
      claimedAt: now.toISOString(),
      updatedAt: now.toISOString(),
    });
    expect(await publishTicket(deps, concluded)).toEqual({
      destination: 'ticket',
      state: 'updated',
      remoteId: 'SEC-2',
    });
    await publishTicket(deps, concluded);
    const [ticket, ...others] = tickets();
    expect(others).toEqual([]);
    expect(ticket?.comments).toHaveLength(1);
    expect(JSON.stringify(ticket?.comments)).toContain('is concluded: contained and verified');
    expect(JSON.stringify(ticket?.comments)).toContain('2025-10-14 09:23:00 UTC');
    expect(JSON.stringify(ticket?.description)).toContain('contained and verified');
  });

  it('says in a comment of its own, once for each look, that something no longer holds', async () => {
    await publishTicket(deps, opened);
    const of = { incidentId: INCIDENT_ID, actionId: 'A1', action: 'kubernetes.quarantine-pod', planKey: 'p' } as const;
    for (const look of watchesOf(of, '2025-10-14T09:20:00.000Z', [900, 3600])) await stores.watches.plan(look);
    const drifted = { incidentId: INCIDENT_ID, stage: 'drifted' };
    const seen = {
      result: 'failed',
      at: '2025-10-14T09:35:02.000Z',
      detail: 'label: given back at pool.example.net',
    } as const;
    await stores.watches.record({ ...of, watch: '15m' }, seen);
    for (const _ of [1, 2]) expect(await publishTicket(deps, drifted)).toMatchObject({ state: 'updated' });
    expect(tickets()[0]?.comments).toHaveLength(1);
    await stores.watches.record({ ...of, watch: '1h' }, { ...seen, result: 'partial' });
    await publishTicket(deps, drifted);
    const [ticket] = tickets();
    expect(ticket?.comments).toHaveLength(2);
    expect(JSON.stringify(ticket)).toContain('what was contained no longer holds (A1 after 15m).');
    expect(JSON.stringify(ticket)).toContain('what was contained no longer holds (A1 after 15m, A1 after 1h).');
    expect(JSON.stringify(ticket?.description)).toContain('after 15m: no longer holds');
    expect(JSON.stringify(ticket)).not.toContain('pool.example.net');
  });

  it('gets one comment for each roll-back on demand, and one when what held only in part has come to hold', async () => {
    await publishTicket(deps, opened);
    const of = { incidentId: INCIDENT_ID, actionId: 'A1', action: 'kubernetes.quarantine-pod', planKey: 'p' } as const;
    const at = '2025-10-14T09:35:02.000Z';
    for (const look of watchesOf({ ...of, from: 'partial' }, at, [900])) await stores.watches.plan(look);
    await stores.watches.record({ ...of, watch: '15m' }, { result: 'contained', at, detail: 'label: there' });
    for (const _ of [1, 2]) await publishTicket(deps, { incidentId: INCIDENT_ID, stage: 'settled' });
    for (const [attempt, result] of [
      [1, 'rejected'],
      [2, 'undone'],
    ] as const) {
      const actor = { type: 'function', id: 'conclude-undo' } as const;
      const data = { actionId: 'A1', attempt, result, reason: 'labels at pool.example.net', decidedBy: 'dana' };
      await stores.audit.append({ chain: INCIDENT_ID, at, actor, kind: 'rollback.concluded', data });
      for (const _ of [1, 2]) await publishTicket(deps, { incidentId: INCIDENT_ID, stage: 'undone' });
    }
    const [ticket] = tickets();
    const comments = (ticket?.comments ?? []).map((comment) => JSON.stringify(comment));
    expect(comments).toEqual([
      expect.stringContaining('what held only in part holds now (A1 after 15m).'),
      expect.stringContaining('was not rolled back, although somebody had asked for it (A1, request 1).'),
      expect.stringContaining('an action was rolled back on demand (A1, request 2).'),
    ]);
    expect(comments[2]).toContain('Decided by dana.');
    expect(JSON.stringify(ticket?.description)).toContain('Rolled back on demand');
    expect(JSON.stringify(ticket)).not.toContain('pool.example.net');
  });

  it('finds the ticket that an unanswered creation left behind, instead of making a second one', async () => {
    swallowNextCreate = true;
    const output = await publishTicket(deps, opened);
    expect(output).toEqual({ destination: 'ticket', state: 'created', remoteId: 'SEC-2' });
    expect(tickets()).toHaveLength(1);
  });

  it('answers failed with the reason when Jira refuses, so that the incident goes on, and tries again at the end', async () => {
    server.misbehave({
      system: 'jira',
      reply: { status: 400, body: '{"errors":{"project":"no such project"}}' },
    });
    const output = await publishTicket(deps, opened);
    expect(output).toMatchObject({
      destination: 'ticket',
      state: 'failed',
      note: expect.stringContaining('no such project'),
    });
    expect((await stores.audit.read(INCIDENT_ID)).at(-1)?.data).toMatchObject({ state: 'failed' });
    expect(await publishTicket(deps, concluded)).toMatchObject({ state: 'created', remoteId: 'SEC-2' });
    expect(tickets()).toHaveLength(1);
  });

  it('keeps what it knows of the ticket when an update fails', async () => {
    await publishTicket(deps, opened);
    server.misbehave({ system: 'jira', method: 'PUT', times: 9, reply: { status: 500 } });
    expect(await publishTicket(deps, concluded)).toMatchObject({ state: 'failed', remoteId: 'SEC-2' });
    expect(await stores.incidents.publications(INCIDENT_ID)).toMatchObject([{ state: 'created', remoteId: 'SEC-2' }]);
  });

  it('does not create beside another invocation that holds the claim - it may be creating right now', async () => {
    await stores.incidents.claimPublication(INCIDENT_ID, {
      destination: 'ticket',
      system: 'jira',
      now,
      leaseSeconds: 60,
    });
    await expect(publishTicket(deps, opened)).rejects.toBeInstanceOf(PublicationBusyError);
    expect(tickets()).toEqual([]);
    now = new Date(now.getTime() + 61_000);
    expect(await publishTicket(deps, opened)).toMatchObject({ state: 'created' });
  });

  it('says not-configured without touching anything', async () => {
    expect(await publishTicket({ ...deps, ticketing: undefined }, opened)).toEqual({
      destination: 'ticket',
      state: 'not-configured',
    });
    expect(await stores.audit.read(INCIDENT_ID)).toEqual([]);
  });

  it('writes nothing outside where the phase is observe, at any stage, and says so in the log', async () => {
    const quiet = { ...deps, config: sampleConfiguration({ rollout: [] }) };
    for (const stage of ['opened', 'concluded', 'drifted']) {
      expect(await publishTicket(quiet, { incidentId: INCIDENT_ID, stage })).toEqual({
        destination: 'ticket',
        state: 'observed',
      });
    }
    expect([tickets(), await stores.incidents.publications(INCIDENT_ID)]).toEqual([[], []]);
    expect(
      (await stores.audit.read(INCIDENT_ID)).map(({ kind, data }) => [kind, data['stage'], data['state']]),
    ).toEqual([
      ['published', 'opened', 'observed'],
      ['published', 'concluded', 'observed'],
      ['published', 'drifted', 'observed'],
    ]);
  });

  it('publishes what there is when the analysis cannot be read - people must hear of the incident', async () => {
    await stores.blobs.put(ANALYSIS_KEY, '{"half":');
    expect(await publishTicket(deps, opened)).toMatchObject({ state: 'created' });
    expect(JSON.stringify(tickets())).toContain('The analysis could not be read');
  });

  it('refuses a wrong input and an unknown incident', async () => {
    await expect(publishTicket(deps, { incidentId: INCIDENT_ID, stage: 'later' })).rejects.toThrow(/stage/);
    await expect(publishTicket(deps, { ...opened, incidentId: 'inc-none' })).rejects.toBeInstanceOf(NotFoundError);
  });

  it('lets a fault of our own stores surface - only the destination may fail quietly', async () => {
    stores.audit.failNext('append', new Error('table is gone'));
    await expect(publishTicket(deps, opened)).rejects.toThrow('table is gone');
  });
});
