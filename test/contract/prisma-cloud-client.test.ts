import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReadBudgetError } from '../../connectors/cwpp/prisma-cloud-compute/reader.ts';
import { DEFAULT_LIMITS, RefusedError, UnreachableError, UnusableAnswerError } from '../../connectors/http/request.ts';
import {
  ACCOUNT,
  ASSET_ID,
  INSTANCE,
  INSTANCE_ARN,
  READ_SECRET,
  RRN,
  startTenant,
  type Tenant,
} from './prisma-cloud-tenant.ts';

let on: Tenant;
beforeEach(async () => {
  on = await startTenant();
});
afterEach(() => on.close());

const LOGIN = 'POST /login';
const ALERT = 'GET /alert/P-5101';
const SEARCH = 'POST /v2/alert';
const recent = {
  resourceId: INSTANCE,
  accountId: ACCOUNT,
  from: new Date('2025-10-01T00:00:00Z'),
  to: new Date('2025-11-01T00:00:00Z'),
};

/** `count` further alerts about the instance. */
function addAlerts(count: number): void {
  for (let index = 0; index < count; index += 1) {
    on.sandbox.addAlert({
      id: `P-${9000 + index}`,
      status: 'open',
      alertTime: Date.parse('2025-10-13T00:00:00Z') + index,
      policy: { policyId: 'p', name: 'A policy', policyType: 'config', severity: 'low' },
      resource: { id: INSTANCE, accountId: ACCOUNT },
    });
  }
}

function answer(path: string, value: unknown, times = 1): void {
  on.server.misbehave({ system: 'prisma-cloud', path, times, reply: { status: 200, body: JSON.stringify(value) } });
}

describe('reading', () => {
  it('finds the alert of the story by its id', async () => {
    const record = await on.client().alertById('P-5101');
    expect(record?.alert).toMatchObject({
      alertId: 'P-5101',
      status: 'open',
      resourceId: INSTANCE,
      policyType: 'network',
      severity: 'high',
      rrn: RRN,
      assetId: ASSET_ID,
    });
    expect(on.server.calls.at(-1)?.query.get('detailed')).toBe('true');
  });

  it('knows an alert that is not there from a failure', async () => {
    expect(await on.client().alertById('P-404')).toBeUndefined();
  });

  it.each(['..', '../v2/alert', 'P-1/../../login', '', 'P-1?x=1', 'https://evil.example.com/'])(
    'asks nothing for the id %j, which could name another path',
    async (id) => {
      expect(await on.client().alertById(id)).toBeUndefined();
      expect(on.received()).toEqual([]);
    },
  );

  it('does not take another alert for the one asked for', async () => {
    answer('alert/P-5101', { id: 'P-1', status: 'open' });
    expect(await on.client().alertById('P-5101')).toBeUndefined();
  });

  it('reads each view of the asset, by unified id and by RRN', async () => {
    const client = on.client();
    expect((await client.asset(ASSET_ID, 'asset'))?.asset).toMatchObject({
      trueInternetExposure: true,
      ipAddresses: ['203.0.113.24', '10.20.4.17'],
      network: [],
    });
    expect((await client.asset(RRN, 'network'))?.asset.network).toHaveLength(3);
    expect((await client.asset(ASSET_ID, 'timeline'))?.asset.timeline).toHaveLength(3);
    expect((await client.asset(ASSET_ID, 'vulnerabilities'))?.asset.vulnerabilities).toHaveLength(2);
    expect(await client.asset('nowhere', 'asset')).toBeUndefined();
  });

  it('reads permissions and posture', async () => {
    const client = on.client();
    expect((await client.permissionsOf(INSTANCE_ARN)).items).toHaveLength(6);
    expect(await client.posture('prod-payments')).toHaveLength(3);
    expect(await client.posture("prod' or '1'='1")).toEqual([]);
  });

  it.each(["x' OR source.public = 'true", 'a b', 'a"b', 'a\nb', ''])(
    'puts no id such as %j into a query',
    async (id) => {
      expect(await on.client().permissionsOf(id)).toEqual({
        items: [],
        truncated: expect.stringContaining('never put into a query'),
      });
      expect(on.received()).toEqual([]);
    },
  );

  it('changes nothing: log-in apart, every call is one of five reads', async () => {
    const client = on.client();
    await client.alertById('P-5101');
    await client.alertsOf(recent);
    await client.asset(ASSET_ID, 'asset');
    await client.permissionsOf(INSTANCE_ARN);
    await client.posture('prod-payments');
    expect(on.received()).toEqual([
      LOGIN,
      ALERT,
      SEARCH,
      'POST /uai/v1/asset',
      'POST /api/v1/permission',
      'GET /compliance/posture',
    ]);
  });

  it('counts what it cost, log-in apart', async () => {
    const client = on.client();
    await client.alertById('P-5101');
    expect(client.cost()).toEqual({ calls: 1, bytes: expect.any(Number), milliseconds: expect.any(Number) });
    expect(client.cost().bytes).toBeGreaterThan(500);
  });

  it('reads null lists, lists of rubbish and fields of other types as nothing', async () => {
    answer('uai', {
      data: {
        asset: {
          id: 7,
          network: null,
          timeline: [null, 3, {}],
          vulnerabilities: {},
          ipAddresses: [1, '203.0.113.1'],
          tags: null,
          data: [],
        },
      },
    });
    expect((await on.client().asset(ASSET_ID, 'asset'))?.asset).toMatchObject({
      id: '7',
      network: [],
      vulnerabilities: [],
      ipAddresses: ['203.0.113.1'],
    });
    answer('uai', { data: { asset: { id: 'x' } } });
    expect((await on.client().asset(ASSET_ID, 'asset'))?.asset).toMatchObject({ id: 'x', network: [], timeline: [] });
    answer('uai', { data: { asset: null } });
    expect(await on.client().asset(ASSET_ID, 'asset')).toBeUndefined();
    answer('v2/alert', { items: null, nextPageToken: null });
    expect(await on.client().alertsOf(recent)).toEqual({ items: [] });
    answer('permission', { data: { items: null } });
    expect(await on.client().permissionsOf(INSTANCE_ARN)).toEqual({ items: [] });
    answer('posture', { complianceDetails: null });
    expect(await on.client().posture('prod-payments')).toEqual([]);
  });

  it('keeps numbers beyond 2^53 to the last digit: they are ids of instances', async () => {
    on.server.misbehave({
      system: 'prisma-cloud',
      path: 'alert/P-5101',
      reply: {
        status: 200,
        body: '{"id":"P-5101","status":"open","alertTime":1760430364000,"resource":{"id":9223372036854775807}}',
      },
    });
    expect((await on.client().alertById('P-5101'))?.alert).toMatchObject({
      resourceId: '9223372036854775807',
      alertTime: 1760430364000,
    });
  });
});

describe('an answer of 200 with errors in it', () => {
  const errors = [{ message: 'subquery failed' }];

  it('and half the data gives that half and says what is wrong', async () => {
    answer('uai', { data: { asset: { id: 'x', name: 'batch-reports' } }, errors });
    expect(await on.client().asset(ASSET_ID, 'asset')).toMatchObject({
      asset: { name: 'batch-reports' },
      incomplete: 'the answer came with an error: subquery failed',
    });
  });

  it('and nothing else is no answer', async () => {
    answer('uai', { data: null, errors });
    await expect(on.client().asset(ASSET_ID, 'asset')).rejects.toEqual(
      new UnusableAnswerError('POST /uai/v1/asset answered with an error: subquery failed'),
    );
  });
});

describe('paging', () => {
  it('reads page after page with the token of the last', async () => {
    addAlerts(250);
    const listing = await on.client().alertsOf(recent);
    expect(listing.items).toHaveLength(253);
    expect(listing.truncated).toBeUndefined();
    expect(on.received().filter((call) => call === SEARCH)).toHaveLength(3);
  });

  it('a token that expires in the middle is renewed once, and no page is lost or doubled', async () => {
    addAlerts(250);
    let pages = 0;
    const expiring: typeof fetch = async (...args) => {
      if (String(args[0]).endsWith('/v2/alert')) pages += 1;
      if (pages === 2) on.sandbox.expireTokens();
      return await fetch(...args);
    };
    const listing = await on.client({ fetch: expiring }).alertsOf(recent);
    expect(new Set(listing.items.map(({ alert }) => alert.alertId)).size).toBe(253);
    expect(listing.items).toHaveLength(253);
    expect(on.received()).toEqual([LOGIN, SEARCH, SEARCH, LOGIN, SEARCH, SEARCH]);
  });

  it('a list that never ends is cut at the page limit and says so', async () => {
    addAlerts(700);
    const listing = await on.client().alertsOf(recent);
    expect(listing.items).toHaveLength(500);
    expect(listing.truncated).toBe('only the first 5 pages of 100 were read');
  });

  it.each(['https://evil.example.com/v2/alert?page=2', '//evil.example.com/x', ' HTTP://169.254.169.254/'])(
    'a next page at another address (%s) is refused',
    async (nextPageToken) => {
      answer('v2/alert', { items: [{ id: 'P-1', resource: { id: INSTANCE } }], nextPageToken });
      const listing = await on.client().alertsOf(recent);
      expect(listing).toMatchObject({
        items: [{ alert: { alertId: 'P-1' } }],
        truncated: 'the next page was said to be at another address, which is refused',
      });
      expect(on.received()).toEqual([LOGIN, SEARCH]);
    },
  );

  it('a cycle of pages is left at its second round', async () => {
    answer('v2/alert', { items: [{ id: 'P-1' }], nextPageToken: 'a' });
    answer('v2/alert', { items: [{ id: 'P-2' }], nextPageToken: 'b' });
    answer('v2/alert', { items: [{ id: 'P-1' }], nextPageToken: 'a' }, 100);
    const listing = await on.client().alertsOf(recent);
    expect(listing.truncated).toBe('the API named the same next page twice, so paging does not advance');
    expect(on.received().filter((call) => call === SEARCH)).toHaveLength(3);
  });

  it('a page that fails leaves those before it usable', async () => {
    addAlerts(150);
    let pages = 0;
    const failing: typeof fetch = async (...args) => {
      if (String(args[0]).endsWith('/v2/alert')) pages += 1;
      return pages > 1 ? new Response('', { status: 500 }) : await fetch(...args);
    };
    const listing = await on.client({ fetch: failing }).alertsOf(recent);
    expect(listing.items).toHaveLength(100);
    expect(listing.truncated).toContain('answered 500');
  });
});

describe('budget', () => {
  it('of calls: pages beyond it are not read, repeats count', async () => {
    addAlerts(400);
    const listing = await on.client({ limits: { maxCalls: 2 } }).alertsOf(recent);
    expect(listing).toMatchObject({ truncated: 'the budget of 2 calls is used up' });
    expect(listing.items).toHaveLength(200);
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', times: 100, reply: { status: 500 } });
    await expect(on.client({ limits: { maxCalls: 2 } }).alertById('P-5101')).rejects.toEqual(
      new ReadBudgetError('the budget of 2 calls is used up'),
    );
  });

  it('of bytes: an answer may not be larger than what is left', async () => {
    addAlerts(400);
    const client = on.client({ limits: { maxBytes: 40_000 } });
    const listing = await client.alertsOf(recent);
    expect(listing.truncated).toMatch(/more than \d+ bytes|budget of 40000 bytes/);
    expect(client.cost().bytes).toBeLessThanOrEqual(40_000);
  });

  it('of time: nothing is begun after it and no attempt outlasts it', async () => {
    let clock = 0;
    await expect(
      on.client({ limits: { maxMilliseconds: 1_000 }, now: () => (clock += 600) }).alertById('P-5101'),
    ).rejects.toEqual(new ReadBudgetError('the budget of 1000 ms is used up'));
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', times: 9, reply: { hangMs: 60_000 } });
    await expect(on.client({ limits: { maxMilliseconds: 150 } }).alertById('P-5101')).rejects.toEqual(
      new ReadBudgetError('the budget of 150 ms is used up'),
    );
  });
});

describe('the log-in', () => {
  it('that hangs is not waited for beyond the time of the task', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'login', times: 9, reply: { hangMs: 60_000 } });
    await expect(on.client({ limits: { maxMilliseconds: 150 } }).alertById('P-5101')).rejects.toEqual(
      new ReadBudgetError('the budget of 150 ms is used up'),
    );
  });
});

describe('tokens', () => {
  it('serve many calls', async () => {
    const client = on.client();
    await client.alertById('P-5101');
    await client.alertById('P-5102');
    expect(on.received()).toEqual([LOGIN, ALERT, 'GET /alert/P-5102']);
  });

  it('are renewed before they are ten minutes old', async () => {
    let clock = Date.parse('2025-10-14T09:00:00Z');
    const client = on.client({ now: () => clock, limits: { maxMilliseconds: 3_600_000 } });
    await client.alertById('P-5101');
    clock += 8 * 60_000;
    await client.alertById('P-5101');
    expect(on.received()).toEqual([LOGIN, ALERT, LOGIN, ALERT]);
  });

  it('a 401 once is answered with a new token', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', reply: { status: 401 } });
    expect(await on.client().alertById('P-5101')).toBeDefined();
    expect(on.received()).toEqual([LOGIN, ALERT, LOGIN, ALERT]);
  });

  it('a second 401 is a refusal and no loop', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', times: 100, reply: { status: 401 } });
    await expect(on.client().alertById('P-5101')).rejects.toMatchObject({ status: 401 });
    expect(on.received()).toEqual([LOGIN, ALERT, LOGIN, ALERT]);
  });

  it('are replaced once for all calls that were refused at the same moment', async () => {
    const client = on.client();
    await client.alertById('P-5101');
    on.sandbox.expireTokens();
    await Promise.all([client.alertById('P-5101'), client.asset(ASSET_ID, 'asset'), client.posture('prod-payments')]);
    expect(on.received().filter((call) => call === LOGIN)).toHaveLength(2);
  });

  it('come from the rotated secret when the cached key is refused', async () => {
    const right = on.secrets.stored.get(READ_SECRET);
    on.secrets.stored.set(READ_SECRET, { accessKeyId: 'old', secretKey: 'old' });
    const client = on.client();
    await expect(client.alertById('P-5101')).rejects.toMatchObject({ status: 401 });
    on.secrets.stored.set(READ_SECRET, right);
    expect(await client.alertById('P-5101')).toBeDefined();
  });

  it('never stand in an error', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', times: 10, reply: { status: 403 } });
    const error: unknown = await on
      .client()
      .alertById('P-5101')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RefusedError);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/eyJ|invented-secret|redlock/);
  });
});

describe('trouble', () => {
  it('429 is waited out as long as the API asks, up to a limit', async () => {
    const tooMany = (seconds: string) =>
      on.server.misbehave({
        system: 'prisma-cloud',
        path: 'alert/',
        reply: { status: 429, headers: { 'retry-after': seconds, 'x-ratelimit-remaining': '0' } },
      });
    tooMany('2');
    expect(await on.client().alertById('P-5101')).toBeDefined();
    expect(on.waited).toEqual([2_000]);
    tooMany('600');
    await expect(on.client().alertById('P-5101')).rejects.toMatchObject({ status: 429, retryAfterMs: 600_000 });
    expect(on.waited).toEqual([2_000]);
  });

  it('429 without Retry-After, as the vendor documents it, is tried again after a short pause', async () => {
    on.server.misbehave({
      system: 'prisma-cloud',
      path: 'alert/',
      reply: { status: 429, headers: { 'x-ratelimit-remaining': '0' } },
    });
    expect(await on.client().alertById('P-5101')).toBeDefined();
    expect(on.waited).toEqual([100]);
  });

  it('500 always is tried three times with a growing pause and then told', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', times: 100, reply: { status: 500 } });
    const client = on.client();
    await expect(client.alertById('P-5101')).rejects.toMatchObject({ status: 500 });
    expect(on.waited).toEqual([100, 200]);
    expect(client.cost().calls).toBe(3);
  });

  it('a connection that hangs ends by the time limit', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', times: 3, reply: { hangMs: 60_000 } });
    const limits = { http: { ...DEFAULT_LIMITS, timeoutMs: 100, attempts: 2 } };
    await expect(on.client({ limits }).alertById('P-5101')).rejects.toBeInstanceOf(UnreachableError);
  });

  it('a page of 100 MB is not read to its end', async () => {
    const chunk = new Uint8Array(1_000_000).fill(0x20);
    let sent = 0;
    const endless: typeof fetch = async (...args) =>
      String(args[0]).includes('/v2/alert')
        ? new Response(
            new ReadableStream({
              pull(controller) {
                sent += 1;
                if (sent > 100) controller.close();
                else controller.enqueue(chunk);
              },
            }),
          )
        : await fetch(...args);
    await expect(on.client({ fetch: endless }).alertsOf(recent)).rejects.toBeInstanceOf(UnusableAnswerError);
    expect(sent).toBeLessThan(10);
  });

  it.each([
    ['a page of HTML', '<html>sign in</html>'],
    ['a list instead of a page', '[1]'],
    ['an empty body', ''],
    ['a page whose items are no list', '{"items":{"a":1}}'],
  ])('%s is no answer', async (_name, body) => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'v2/alert', reply: { status: 200, body } });
    await expect(on.client().alertsOf(recent)).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('a redirect is not followed: it would carry the token to a place nobody configured', async () => {
    on.server.misbehave({
      system: 'prisma-cloud',
      path: 'alert/',
      reply: { status: 302, headers: { location: 'https://evil.example.com/' } },
    });
    await expect(on.client().alertById('P-5101')).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('a log-in without a token is no log-in', async () => {
    answer('login', { message: 'login_successful', token: '' });
    await expect(on.client().alertById('P-5101')).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('a connection cut in the middle is tried again', async () => {
    on.server.misbehave({ system: 'prisma-cloud', path: 'alert/', reply: { cutAfterBytes: 20 } });
    expect(await on.client().alertById('P-5101')).toBeDefined();
  });
});
