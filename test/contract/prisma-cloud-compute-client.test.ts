import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReadBudgetError } from '../../connectors/cwpp/prisma-cloud-compute/reader.ts';
import { DEFAULT_LIMITS, RefusedError, UnreachableError, UnusableAnswerError } from '../../connectors/http/request.ts';
import {
  AROUND,
  CONTAINER_ID,
  type Console,
  IMAGE_ID,
  INCIDENT_ID,
  PROFILE_ID,
  startConsole,
} from './prisma-cloud-compute-console.ts';

let on: Console;
beforeEach(async () => {
  on = await startConsole();
});
afterEach(() => on.close());

const INCIDENTS = 'GET /api/v34.04/audits/incidents';
const LOGIN = 'POST /api/v34.04/authenticate';
const audits = { ...AROUND, containerID: CONTAINER_ID };

/** `count` further audits of the container within the range. */
function addAudits(count: number): void {
  for (let index = 0; index < count; index += 1) {
    on.sandbox.add('containerAudits', {
      _id: `extra-${index}`,
      time: '2025-10-14T09:30:00.000Z',
      containerId: CONTAINER_ID,
    });
  }
}

describe('reading', () => {
  it('finds the records of the story by their ids', async () => {
    const client = on.client();
    expect(await client.incidentById(INCIDENT_ID)).toMatchObject({
      category: 'cryptoMiner',
      containerID: CONTAINER_ID,
    });
    expect(await client.containerById(CONTAINER_ID)).toMatchObject({ info: { namespace: 'payments' } });
    expect((await client.imageById(IMAGE_ID))?.vulnerabilities).toHaveLength(2);
    expect(await client.profileById(PROFILE_ID)).toMatchObject({ entrypoint: '/usr/bin/java -jar /app/checkout.jar' });
    expect((await client.containerAudits(audits)).items).toHaveLength(5);
    expect((await client.forensicEvents?.({ profileID: PROFILE_ID }))?.items.length).toBeGreaterThan(5);
  });

  it('knows an empty page (null) from a failure', async () => {
    expect(await on.client().incidentById('000000000000000000000000')).toBeUndefined();
    expect(await on.client().containerAudits({ ...audits, to: AROUND.from })).toEqual({ items: [] });
  });

  it('does not take another record for the one asked for, should a console ignore the filter', async () => {
    on.server.misbehave({
      system: 'compute',
      path: 'audits/incidents',
      reply: { status: 200, body: JSON.stringify([{ _id: 'another', category: 'cryptoMiner' }]) },
    });
    expect(await on.client().incidentById(INCIDENT_ID)).toBeUndefined();
  });

  it('has no forensic call unless it is switched on - the path is unsupported', () => {
    expect(on.client({ forensics: false }).forensicEvents).toBeUndefined();
  });

  it('only ever reads: log-in apart, every call is a GET', async () => {
    const client = on.client();
    await client.incidentById(INCIDENT_ID);
    await client.containerById(CONTAINER_ID);
    expect(on.received()).toEqual([LOGIN, INCIDENTS, 'GET /api/v34.04/containers']);
  });

  it('counts what it cost', async () => {
    const client = on.client();
    await client.incidentById(INCIDENT_ID);
    expect(client.cost()).toEqual({ calls: 1, bytes: expect.any(Number), milliseconds: expect.any(Number) });
    expect(client.cost().bytes).toBeGreaterThan(500);
  });

  it('reads real-world sloppiness: null lists, empty enums, wrong types, things that are no records', async () => {
    on.server.misbehave({
      system: 'compute',
      path: 'images',
      reply: {
        status: 200,
        body: JSON.stringify([
          7,
          { _id: IMAGE_ID, distro: '', vulnerabilities: null, repoTag: 'x', extra: { codeRepos: null } },
        ]),
      },
    });
    expect(await on.client().imageById(IMAGE_ID)).toEqual({ _id: IMAGE_ID, vulnerabilities: [] });
  });
});

describe('paging', () => {
  it('reads every page of 50 and stops at the total', async () => {
    addAudits(120);
    const client = on.client();
    expect((await client.containerAudits(audits)).items).toHaveLength(125);
    expect(on.server.calls.slice(1).map(({ query }) => query.get('offset'))).toEqual(['0', '50', '100']);
  });

  it('stops at the page limit and says so', async () => {
    addAudits(200);
    const listing = await on.client({ limits: { maxPages: 2 } }).containerAudits(audits);
    expect(listing.items).toHaveLength(100);
    expect(listing.truncated).toBe('only the first 2 pages of 50 were read');
  });

  it('stops when a console sends the same page for ever', async () => {
    const body = JSON.stringify(Array.from({ length: 50 }, (_, index) => ({ _id: `a${index}` })));
    on.server.misbehave({ system: 'compute', path: 'audits', times: 100, reply: { status: 200, body } });
    const listing = await on.client().containerAudits(audits);
    expect(listing.truncated).toBe('the console sent the same page twice, so paging does not advance');
    expect(on.received()).toHaveLength(3);
  });

  it('stops when the budget of calls or bytes is used up and keeps what was read', async () => {
    addAudits(500);
    expect((await on.client({ limits: { maxCalls: 2 } }).containerAudits(audits)).items).toHaveLength(100);
    const listing = await on.client({ limits: { maxBytes: 4_000 } }).containerAudits(audits);
    expect(listing).toMatchObject({ truncated: 'the budget of 4000 bytes is used up' });
    expect(listing.items).toHaveLength(50);
  });

  it('stops when the time is used up', async () => {
    addAudits(500);
    let clock = 0;
    const now = (): number => (clock += 40_000);
    const listing = await on.client({ limits: { maxMilliseconds: 100_000 }, now }).containerAudits(audits);
    expect(listing.truncated).toBe('the budget of 100000 ms is used up');
    expect(listing.items).toHaveLength(150);
  });

  it('keeps the pages that were read when a later one fails', async () => {
    addAudits(100);
    const denied: typeof fetch = async (...args) =>
      String(args[0]).includes('offset=50') ? new Response('', { status: 403 }) : await fetch(...args);
    const listing = await on.client({ fetch: denied }).containerAudits(audits);
    expect(listing.items).toHaveLength(50);
    expect(listing.truncated).toMatch(/answered 403$/);
  });

  it('refuses to start when the budget is used up before anything was read', async () => {
    const client = on.client({ limits: { maxCalls: 1 } });
    await client.incidentById(INCIDENT_ID);
    await expect(client.containerById(CONTAINER_ID)).rejects.toBeInstanceOf(ReadBudgetError);
  });
});

describe('tokens', () => {
  it('are used until shortly before they expire', async () => {
    let clock = Date.now();
    const client = on.client({ now: () => clock });
    await client.incidentById(INCIDENT_ID);
    await client.incidentById(INCIDENT_ID);
    expect(on.received().filter((call) => call === LOGIN)).toHaveLength(1);
    clock += 5 * 60_000;
    await client.containerById(CONTAINER_ID);
    expect(on.received().filter((call) => call === LOGIN)).toHaveLength(2);
  });

  it('that the console no longer accepts are replaced once, with a freshly read secret', async () => {
    const client = on.client();
    await client.incidentById(INCIDENT_ID);
    on.sandbox.expireTokens();
    expect(await client.incidentById(INCIDENT_ID)).toBeDefined();
    expect(on.received()).toEqual([LOGIN, INCIDENTS, INCIDENTS, LOGIN, INCIDENTS]);
    expect(on.secrets.fetched).toEqual(['parapet/compute-read', 'parapet/compute-read']);
  });

  it('are not replaced a second time - a credential without rights must not turn into a storm of log-ins', async () => {
    on.server.misbehave({ system: 'compute', method: 'GET', times: 100, reply: { status: 401 } });
    await expect(on.client().incidentById(INCIDENT_ID)).rejects.toMatchObject({ status: 401 });
    expect(on.received()).toEqual([LOGIN, INCIDENTS, LOGIN, INCIDENTS]);
  });

  it('are replaced once for all calls that were refused at the same moment', async () => {
    const client = on.client();
    await client.incidentById(INCIDENT_ID);
    on.sandbox.expireTokens();
    await Promise.all([
      client.incidentById(INCIDENT_ID),
      client.containerById(CONTAINER_ID),
      client.imageById(IMAGE_ID),
    ]);
    expect(on.received().filter((call) => call === LOGIN)).toHaveLength(2);
  });

  it('come from the rotated secret when the cached one is refused', async () => {
    const right = on.secrets.stored.get('parapet/compute-read');
    on.secrets.stored.set('parapet/compute-read', { username: 'parapet-reader', password: 'before the rotation' });
    const client = on.client();
    await expect(client.incidentById(INCIDENT_ID)).rejects.toMatchObject({ status: 401 });
    on.secrets.stored.set('parapet/compute-read', right);
    expect(await client.incidentById(INCIDENT_ID)).toBeDefined();
  });

  it('never stand in an error', async () => {
    on.server.misbehave({ system: 'compute', method: 'GET', times: 10, reply: { status: 403 } });
    const error: unknown = await on
      .client()
      .incidentById(INCIDENT_ID)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RefusedError);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/sandbox-|Bearer|password/);
  });
});

describe('trouble', () => {
  it('429 is waited out as long as the console asks, up to a limit', async () => {
    const tooMany = (seconds: string) =>
      on.server.misbehave({
        system: 'compute',
        path: 'incidents',
        reply: { status: 429, headers: { 'retry-after': seconds } },
      });
    tooMany('2');
    expect(await on.client().incidentById(INCIDENT_ID)).toBeDefined();
    expect(on.waited).toEqual([2_000]);
    tooMany('600');
    await expect(on.client().incidentById(INCIDENT_ID)).rejects.toMatchObject({ status: 429, retryAfterMs: 600_000 });
    expect(on.waited).toEqual([2_000]);
  });

  it('500 is tried three times with a growing pause and then told', async () => {
    on.server.misbehave({ system: 'compute', path: 'incidents', times: 100, reply: { status: 500 } });
    const client = on.client();
    await expect(client.incidentById(INCIDENT_ID)).rejects.toMatchObject({ status: 500 });
    expect(on.waited).toEqual([100, 200]);
    expect(client.cost().calls).toBe(3);
  });

  it('a connection that hangs ends by the time limit', async () => {
    on.server.misbehave({ system: 'compute', path: 'incidents', times: 3, reply: { hangMs: 60_000 } });
    const limits = { http: { ...DEFAULT_LIMITS, timeoutMs: 100, attempts: 2 } };
    await expect(on.client({ limits }).incidentById(INCIDENT_ID)).rejects.toBeInstanceOf(UnreachableError);
  });

  it.each([
    ['a page of HTML', '<html>sign in</html>'],
    ['an object instead of a list', '{"err":"x"}'],
    ['an empty body', ''],
  ])('%s is no answer', async (_name, body) => {
    on.server.misbehave({ system: 'compute', path: 'incidents', reply: { status: 200, body } });
    await expect(on.client().incidentById(INCIDENT_ID)).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('a connection cut in the middle is tried again', async () => {
    on.server.misbehave({ system: 'compute', path: 'incidents', reply: { cutAfterBytes: 20 } });
    expect(await on.client().incidentById(INCIDENT_ID)).toBeDefined();
  });
});
