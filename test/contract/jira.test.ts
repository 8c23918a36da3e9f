import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpDeps, realHttp } from '../../connectors/http/request.ts';
import { DestinationRefusedError, DestinationUnavailableError } from '../../connectors/publication/destination.ts';
import { jira } from '../../connectors/ticketing/jira/client.ts';
import type { TicketContent } from '../../connectors/ticketing/jira/map.ts';
import type { Block } from '../../domain/publish/blocks.ts';
import { incidentDocument, incidentTitle } from '../../domain/publish/incident-document.ts';
import { type JiraSandbox, jiraSandbox } from '../../local/sandbox/jira/jira.ts';
import scenario from '../../local/sandbox/scenarios/crypto-miner/jira.json' with { type: 'json' };
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';
import { INCIDENT_ID, storyAnalysis, storyIncident, storyPack, storyPlan } from '../stories/asked-action.ts';

const SECRET = 'parapet/jira';
const CREDENTIAL = { email: scenario.email, apiToken: scenario.apiToken };

let sandbox: JiraSandbox;
let server: SandboxServer;
let secrets: MemorySecrets;
let waits: number[];

beforeEach(async () => {
  sandbox = jiraSandbox(scenario);
  server = await serve({ systems: { jira: sandbox }, mount: 'prefix' });
  secrets = memorySecrets({ [SECRET]: CREDENTIAL });
  waits = [];
});
afterEach(() => server.close());

function client(settings: Partial<{ project: string; issueTypeId: string }> = {}, timeoutMs = 2_000) {
  const http: HttpDeps = { ...realHttp, sleep: async (ms) => void waits.push(ms) };
  return jira({
    http,
    secrets,
    settings: { baseUrl: `${server.url}/jira`, project: 'SEC', issueTypeId: '10001', secret: SECRET, ...settings },
    limits: { timeoutMs, maxAnswerBytes: 1_000_000, attempts: 3, maxWaitMs: 5_000 },
  });
}

function ticket(change: Partial<TicketContent> = {}): TicketContent {
  return {
    incidentId: INCIDENT_ID,
    title: '[critical] Crypto-miner in payments/checkout',
    blocks: [{ type: 'paragraph', text: 'Mining was seen.' }],
    ...change,
  };
}

interface ShownIssue {
  readonly key: string;
  readonly summary: string;
  readonly labels: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly remoteLinks: Readonly<Record<string, unknown>>;
  readonly comments: readonly { readonly body: unknown }[];
  readonly edits: number;
}

/** Issues made by us, as the outside world sees them. */
function ours(): ShownIssue[] {
  const { issues }: { issues: ShownIssue[] } = JSON.parse(JSON.stringify(sandbox.view()));
  return issues.filter(({ labels }) => labels.includes('parapet'));
}
const creates = (): number =>
  server.calls.filter(({ path, method }) => method === 'POST' && path.endsWith('/issue')).length;

describe('the Jira connector against an API as strict as the real one', () => {
  it('creates an issue that carries our incident in label and property, so that it can be found again', async () => {
    const link = { url: 'https://us-east-1.console.aws.amazon.com/states/home', title: 'Run' };
    const receipt = await client().create(ticket({ link }));
    expect(receipt).toEqual({
      remoteId: 'SEC-2',
      url: `${server.url}/jira/browse/SEC-2`,
      requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      status: 201,
    });
    expect(ours()).toEqual([
      expect.objectContaining({
        key: 'SEC-2',
        summary: '[critical] Crypto-miner in payments/checkout',
        labels: ['parapet', expect.stringMatching(/^parapet-[0-9a-f]{24}$/)],
        properties: { parapetIncident: { id: INCIDENT_ID, version: 1 } },
        remoteLinks: { [`parapet=${INCIDENT_ID}`]: link },
      }),
    ]);
    expect(await client().find(INCIDENT_ID)).toEqual({ remoteId: 'SEC-2', url: `${server.url}/jira/browse/SEC-2` });
    expect(await client().find('inc-another')).toBeUndefined();
  });

  it('keeps the issue when only its link is refused, and says so - a second issue would be worse', async () => {
    server.misbehave({ system: 'jira', path: 'remotelink', times: 9, reply: { status: 403 } });
    const link = { url: 'https://example.com/run', title: 'Run' };
    const receipt = await client().create(ticket({ link }));
    expect(receipt).toMatchObject({ remoteId: 'SEC-2', note: expect.stringContaining('without link') });
  });

  it('takes the whole ticket of the sample story', async () => {
    const bodies = { incident: storyIncident(), analysis: storyAnalysis(), pack: storyPack(), plan: storyPlan() };
    await client().create(ticket({ title: incidentTitle(bodies), blocks: incidentDocument(bodies) }));
    expect(ours()).toHaveLength(1);
  });

  it('updates in place and comments once, however often it is repeated', async () => {
    await client().create(ticket());
    const comment = { mark: 'Parapet incident is concluded: contained.', blocks: [] };
    const concluded = ticket({ title: '[critical] Contained', comment });
    await client().update('SEC-2', concluded);
    await client().update('SEC-2', concluded);
    expect(ours()).toEqual([
      expect.objectContaining({ summary: '[critical] Contained', edits: 2, comments: [expect.anything()] }),
    ]);
  });

  it('does not create again after a cut connection - the issue may be there', async () => {
    server.misbehave({ system: 'jira', method: 'POST', path: '/issue$', reply: { cutAfterBytes: 5 } });
    await expect(client().create(ticket())).rejects.toMatchObject({
      name: 'DestinationUnavailableError',
      outcomeUnknown: true,
    });
    expect(creates()).toBe(1);
  });

  it('gives up on a hanging create within its limit and reports the outcome as unknown', async () => {
    server.misbehave({ system: 'jira', method: 'POST', path: '/issue$', reply: { hangMs: 60_000 } });
    await expect(client({}, 200).create(ticket())).rejects.toMatchObject({ outcomeUnknown: true });
    expect(creates()).toBe(1);
  });

  it('does not create again after a 500, which may come after the work was done', async () => {
    server.misbehave({ system: 'jira', method: 'POST', path: '/issue$', reply: { status: 500 } });
    await expect(client().create(ticket())).rejects.toMatchObject({ outcomeUnknown: true });
    expect(creates()).toBe(1);
  });

  it('waits as long as a 429 asks and creates then - Jira said that it did nothing', async () => {
    const reply = { status: 429, headers: { 'retry-after': '2', 'ratelimit-reason': 'jira-burst-based' } };
    server.misbehave({ system: 'jira', method: 'POST', path: '/issue$', reply });
    expect((await client().create(ticket())).remoteId).toBe('SEC-2');
    expect(waits).toEqual([2_000]);
  });

  it('does not sit out a long Retry-After - a function is paid by the second, the next stage tries again', async () => {
    server.misbehave({
      system: 'jira',
      method: 'POST',
      path: '/issue$',
      reply: { status: 429, headers: { 'retry-after': '60' } },
    });
    await expect(client().create(ticket())).rejects.toMatchObject({ outcomeUnknown: false });
    expect(waits).toEqual([]);
  });

  it('looks more than once when the index lags behind a creation', async () => {
    await client().create(ticket());
    sandbox.lagSearches(2);
    expect(await client().find(INCIDENT_ID, { patient: true })).toMatchObject({ remoteId: 'SEC-2' });
    expect(waits).toEqual([1_000, 3_000]);
  });

  it("never takes somebody else's issue for ours, whatever a search answers", async () => {
    const foreign = { issues: [{ key: 'SEC-1', fields: { labels: ['payments-team'] } }] };
    server.misbehave({ system: 'jira', path: 'search', reply: { status: 200, body: JSON.stringify(foreign) } });
    expect(await client().find(INCIDENT_ID)).toBeUndefined();
  });

  it('names the field Jira does not accept, so that a person can mend the configuration', async () => {
    await expect(client({ issueTypeId: '99' }).create(ticket())).rejects.toThrow(/Specify a valid issue type/);
    await expect(client({ issueTypeId: '99' }).create(ticket())).rejects.toBeInstanceOf(DestinationRefusedError);
  });

  it('reads the credential again after a 401, because it may have been rotated', async () => {
    secrets.stored.set(SECRET, { ...CREDENTIAL, apiToken: 'an-old-one' });
    await client()
      .find(INCIDENT_ID)
      .catch(() => undefined);
    secrets.stored.set(SECRET, CREDENTIAL);
    expect((await client().create(ticket())).remoteId).toBe('SEC-2');
  });

  it('stops at the second 401 and names the secret, never the credential', async () => {
    secrets.stored.set(SECRET, { ...CREDENTIAL, apiToken: 'wrong-token-value' });
    const error = await client()
      .create(ticket())
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationRefusedError);
    expect(String(error)).toContain(SECRET);
    expect(String(error)).not.toContain('wrong-token-value');
    expect(creates()).toBe(2);
  });

  it('refuses an HTML page that pretends to be an answer', async () => {
    server.misbehave({ system: 'jira', path: 'search', reply: { status: 200, body: '<html>Maintenance</html>' } });
    await expect(client().find(INCIDENT_ID)).rejects.toThrow(/is not JSON/);
  });

  it('reports an unreachable Jira as such', async () => {
    server.misbehave({ system: 'jira', times: 9, reply: { status: 503 } });
    await expect(client().find(INCIDENT_ID)).rejects.toBeInstanceOf(DestinationUnavailableError);
  });

  it('is understood whatever words an attacker put into the evidence', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    const block: fc.Arbitrary<Block> = fc.oneof(
      fc.record({ type: fc.constantFrom('heading', 'paragraph', 'code'), text }),
      fc.record({ type: fc.constant('bullets' as const), items: fc.array(text, { maxLength: 3 }) }),
      fc.record({
        type: fc.constant('facts' as const),
        rows: fc.array(fc.record({ label: text, value: text }), { maxLength: 3 }),
      }),
      fc.record({ type: fc.constant('link' as const), text, url: fc.oneof(text, fc.webUrl()) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 6 }), text, async (blocks, title) => {
        const answer = await client().create(ticket({ blocks, title: `x${title}` }));
        expect(answer.status).toBe(201);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the Jira sandbox refuses what Jira refuses', () => {
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/jira/rest/api/3${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${CREDENTIAL.email}:${CREDENTIAL.apiToken}`).toString('base64')}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const fields = { project: { key: 'SEC' }, issuetype: { id: '10001' }, summary: 'x' };
  const paragraph = (node: unknown) => ({ type: 'doc', version: 1, content: [{ type: 'paragraph', content: [node] }] });

  it.each([
    ['a wrong credential', { authorization: 'Basic eDp5' }, { fields }, 401],
    ['a wrong content type', { 'content-type': 'text/plain' }, { fields }, 415],
    ['an unknown top-level member', {}, { fields, colour: 'red' }, 400],
    ['an unknown field', {}, { fields: { ...fields, colour: 'red' } }, 400],
    ['a missing summary', {}, { fields: { ...fields, summary: undefined } }, 400],
    ['a summary with a line break', {}, { fields: { ...fields, summary: 'a\nb' } }, 400],
    ['a label with a space', {}, { fields: { ...fields, labels: ['a b'] } }, 400],
    ['an unknown project', {}, { fields: { ...fields, project: { key: 'NOPE' } } }, 400],
    ['wiki markup instead of a document', {}, { fields: { ...fields, description: 'h1. x' } }, 400],
    ['an empty text node', {}, { fields: { ...fields, description: paragraph({ type: 'text', text: '' }) } }, 400],
    ['an unknown node', {}, { fields: { ...fields, description: paragraph({ type: 'script', text: 'x' }) } }, 400],
  ])('%s', async (_, headers, body, status) => {
    expect((await call('POST', '/issue', body, headers)).status).toBe(status);
  });

  it('an unknown issue, resource and method', async () => {
    expect((await call('GET', '/issue/SEC-404')).status).toBe(404);
    expect((await call('GET', '/search')).status).toBe(404);
    expect((await call('DELETE', '/issue/SEC-1')).status).toBe(404);
  });
});
