import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallBudgetError } from '../../connectors/cwpp/lacework/budget.ts';
import { DEFAULT_READ_LIMITS, ReadBudgetError } from '../../connectors/cwpp/lacework/limits.ts';
import { vulnerabilitySchema } from '../../connectors/cwpp/lacework/records.ts';
import { DEFAULT_LIMITS, RefusedError, UnreachableError, UnusableAnswerError } from '../../connectors/http/request.ts';
import { type Account, AROUND, MID, startAccount } from './lacework-account.ts';
import { fixture } from './lacework-fixtures.ts';

let on: Account;
beforeEach(async () => {
  on = await startAccount();
});
afterEach(() => on.close());

const TOKEN = 'POST access/tokens';
const ALERT = 'GET Alerts/402131';

describe('reading', () => {
  it('finds the records of the story', async () => {
    const client = on.client();
    expect(await client.alert('402131')).toMatchObject({
      alertType: 'PotentiallyCompromisedHost',
      severity: 'Critical',
    });
    expect((await client.scope('402131', 'ObservationTimeline')).items).toHaveLength(3);
    expect((await client.scope('402131', 'Investigation')).items).toHaveLength(2);
    expect((await client.scope('402131', 'RelatedAlerts')).items).toMatchObject([{ eventId: '402118' }]);
    expect((await client.scope('402131', 'Timeline')).items).toMatchObject([{ entryType: 'AlertCreated' }]);
    expect((await client.alerts(AROUND)).items).toHaveLength(2);
    expect((await client.logins(AROUND, MID)).items).toHaveLength(2);
    expect((await client.processes(AROUND, MID)).items).toHaveLength(5);
    expect((await client.connections(AROUND, MID)).items).toMatchObject([
      { dstEntityId: { ip_addr: '203.0.113.66', port: '8443' } },
    ]);
    expect((await client.machines(AROUND, { field: 'mid', expression: 'eq', value: MID })).items).toHaveLength(1);
    expect((await client.hostVulnerabilities({ ...AROUND, from: '2026-03-15T00:00:00.000Z' }, MID)).items).toHaveLength(
      2,
    );
    expect((await client.report('123456789012', 'AWS_CIS_14')).items[0]?.recommendations).toHaveLength(1);
  });

  it('knows nothing found (204, 404) from a failure', async () => {
    const client = on.client();
    expect(await client.alert('999')).toBeUndefined();
    expect(await client.scope('402118', 'ObservationTimeline')).toEqual({ items: [] });
    expect(await client.logins(AROUND, '1')).toEqual({ items: [] });
  });

  it('does not take another alert for the one asked for', async () => {
    on.server.misbehave({
      system: 'lacework',
      path: 'Alerts',
      reply: { status: 200, body: '{"data":{"alertId":7,"alertName":"x"}}' },
    });
    expect(await on.client().alert('402131')).toBeUndefined();
  });

  it('cuts a range that is longer than the seven days the API allows, at its older end', async () => {
    await on.client().logins({ ...AROUND, from: '2026-01-01T00:00:00.000Z' }, MID);
    expect(JSON.parse(on.server.calls.at(-1)?.body ?? '').timeFilter.startTime).toBe('2026-03-10T04:00:00.000Z');
  });

  it('names the data set of a compliance search, without which the API answers 400', async () => {
    on.sandbox.add('Configs/ComplianceEvaluations', {
      id: 'LW_S3_1',
      resource: 'arn:aws:s3:::x',
      status: 'NonCompliant',
      reportTime: AROUND.from,
    });
    expect((await on.client().evaluations(AROUND, 'LW_S3_1')).items).toHaveLength(1);
  });

  it('only ever reads: token apart, every call is a GET or a search', async () => {
    const client = on.client();
    await client.alert('402131');
    await client.logins(AROUND, MID);
    expect(on.received()).toEqual([TOKEN, ALERT, 'POST Activities/UserLogins/search']);
  });

  it('sends the name of the sub-account where one is configured', async () => {
    const sub = await startAccount({ subAccount: 'payments-sub' });
    await sub.client().alert('402131');
    expect(sub.server.calls.at(-1)?.headers['account-name']).toBe('payments-sub');
    await sub.close();
  });

  it('keeps a machine number beyond 2^53 that the API sends as a number', async () => {
    on.server.misbehave({
      system: 'lacework',
      path: 'UserLogins',
      reply: { status: 200, body: `{"data":[{"mid":${MID},"username":"a"}]}` },
    });
    expect((await on.client().logins(AROUND, MID)).items).toMatchObject([{ mid: MID }]);
  });

  it.each(['api/vulnerabilities-containers-search.json', 'api/vulnerabilities-hosts-search.json'])(
    "reads the SDK's own fixture %s",
    async (name) => {
      const rows = Object(fixture(name)).data;
      on.server.misbehave({
        system: 'lacework',
        path: 'Vulnerabilities',
        reply: { status: 200, body: JSON.stringify(fixture(name)) },
      });
      const { items } = await on.client().hostVulnerabilities(AROUND, MID);
      expect(items).toEqual(rows.map((row: unknown) => vulnerabilitySchema.parse(row)));
      expect(items[0]?.featureKey.name).not.toBe('');
    },
  );

  it('reads null lists, wrong types and things that are no records', async () => {
    const bodies = ['{"data":null}', '{"data":[7,null,{"username":{"a":1}}]}', '{"data":{"username":"one"}}'];
    for (const body of bodies)
      on.server.misbehave({ system: 'lacework', path: 'UserLogins', reply: { status: 200, body } });
    const client = on.client();
    expect((await client.logins(AROUND, '1')).items).toEqual([]);
    expect((await client.logins(AROUND, '2')).items).toMatchObject([{ username: '' }]);
    expect((await client.logins(AROUND, '3')).items).toMatchObject([{ username: 'one' }]);
  });
});

describe('access tokens', () => {
  it('serve many calls', async () => {
    const client = on.client();
    await client.alert('402131');
    await on.client().alert('402118');
    expect(on.received().filter((call) => call === TOKEN)).toHaveLength(1);
  });

  it('are renewed once when they are refused, with a secret read afresh', async () => {
    const client = on.client();
    await client.alert('402131');
    on.sandbox.expireTokens();
    await client.logins(AROUND, MID);
    expect(on.received().filter((call) => call === TOKEN)).toHaveLength(2);
    expect(on.secrets.fetched).toHaveLength(2);
  });

  it('that end in the middle of paging cost nothing that was read', async () => {
    on.sandbox.pageSize(2);
    on.server.misbehave({
      system: 'lacework',
      path: 'Entities/Processes/[0-9a-f-]{36}$',
      reply: { status: 401, body: '{}' },
    });
    expect((await on.client().processes(AROUND, MID)).items).toHaveLength(5);
    expect(on.received().filter((call) => call === TOKEN)).toHaveLength(2);
  });

  it('that are refused again are not asked for a third time', async () => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts', times: 10, reply: { status: 401, body: '{}' } });
    await expect(on.client().alert('402131')).rejects.toBeInstanceOf(RefusedError);
    expect(on.received()).toEqual([TOKEN, ALERT, TOKEN, ALERT]);
  });

  it('are not to be had with a wrong secret, and the answer says nothing of it', async () => {
    on.secrets.stored.set('parapet/lacework/read', { keyId: 'x', secret: 'not-the-secret' });
    const refusal = await on
      .client()
      .alert('402131')
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusedError);
    expect(String(refusal)).not.toContain('not-the-secret');
  });
});

describe('paging', () => {
  it('follows the links to the end', async () => {
    on.sandbox.pageSize(2);
    expect((await on.client().processes(AROUND, MID)).items).toHaveLength(5);
  });

  it('does not take the token to another host, scheme or path', async () => {
    const elsewhere = [
      'https://attacker.example.com/api/v2/x',
      `${on.server.url}/other/api/v2/x`,
      `${on.server.url}/lacework/api/v2/../../x`,
      'file:///etc/passwd',
      '//attacker.example.com/api/v2/',
    ];
    for (const nextPage of elsewhere) {
      const body = JSON.stringify({ data: [{ username: 'a' }], paging: { urls: { nextPage } } });
      on.server.misbehave({ system: 'lacework', path: 'UserLogins', reply: { status: 200, body } });
      expect(await on.client().logins(AROUND, MID), nextPage).toMatchObject({
        items: [{ username: 'a' }],
        truncated: 'the link to the next page leads to another place and is not followed',
      });
    }
    expect(on.received().filter((call) => !call.includes('UserLogins') && call !== TOKEN)).toEqual([]);
  });

  it('ends when a link leads back', async () => {
    const nextPage = `${on.server.url}/lacework/api/v2/Activities/UserLogins/page`;
    const body = JSON.stringify({ data: [{ username: 'a' }], paging: { urls: { nextPage } } });
    on.server.misbehave({ system: 'lacework', path: 'UserLogins', times: 50, reply: { status: 200, body } });
    expect(await on.client().logins(AROUND, MID)).toMatchObject({
      truncated: 'the link to the next page leads back, so paging does not advance',
    });
    expect(on.received()).toHaveLength(3);
  });

  it('ends at the page limit when it never would', async () => {
    on.sandbox.pageSize(1);
    const listing = await on.client({ maxPages: 3 }).processes(AROUND, MID);
    expect(listing.items).toHaveLength(3);
    expect(listing.truncated).toBe('only the first 3 pages were read');
  });

  it('keeps what was read when a later page fails', async () => {
    on.sandbox.pageSize(2);
    on.server.misbehave({
      system: 'lacework',
      path: 'Entities/Processes/[0-9a-f-]{36}$',
      times: 9,
      reply: { status: 500 },
    });
    const listing = await on.client().processes(AROUND, MID);
    expect(listing.items).toHaveLength(2);
    expect(listing.truncated).toMatch(/answered 500/);
  });
});

describe('trouble', () => {
  it('is repeated once when it may pass', async () => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts', reply: { status: 503 } });
    expect(await on.client().alert('402131')).toBeDefined();
    expect(on.received()).toEqual([TOKEN, ALERT, ALERT]);
  });

  it('of the hour (429) is not repeated, and no call of that kind is made until the vendor says so', async () => {
    on.server.misbehave({
      system: 'lacework',
      path: 'Alerts',
      reply: { status: 429, headers: { 'retry-after': '1800' } },
    });
    await expect(on.client().alert('402131')).rejects.toBeInstanceOf(RefusedError);
    await expect(on.client().alert('402118')).rejects.toBeInstanceOf(CallBudgetError);
    expect((await on.client().logins(AROUND, MID)).items).toHaveLength(2);
    expect(on.received()).toEqual([TOKEN, ALERT, 'POST Activities/UserLogins/search']);
  });

  it('of a server that hangs ends at the time limit', async () => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts', times: 2, reply: { hangMs: 60_000 } });
    const limits = { http: { ...DEFAULT_LIMITS, timeoutMs: 50 } };
    await expect(on.client(limits).alert('402131')).rejects.toBeInstanceOf(UnreachableError);
  });

  it('of an answer that is cut or too large is named', async () => {
    on.server.misbehave({ system: 'lacework', path: 'Alerts', reply: { status: 200, body: '{"data":' } });
    await expect(on.client().alert('402131')).rejects.toBeInstanceOf(UnusableAnswerError);
    const limits = { http: { ...DEFAULT_LIMITS, maxAnswerBytes: 100 } };
    await expect(on.client(limits).alert('402131')).rejects.toBeInstanceOf(UnusableAnswerError);
  });
});

describe('the budget of one task', () => {
  it('ends it by calls', async () => {
    const client = on.client({ maxCalls: 1 });
    await client.alert('402131');
    await expect(client.logins(AROUND, MID)).rejects.toBeInstanceOf(ReadBudgetError);
    expect(client.cost().calls).toBe(1);
  });

  it('is far below the hour, so that no incident can take it all', () => {
    expect(DEFAULT_READ_LIMITS.maxCalls).toBeLessThanOrEqual(25);
  });
});

describe('the budget of the hour', () => {
  it('leaves a fifth to confirmations, counts by functionality, and then ends', async () => {
    const few = await startAccount({ callsPerHour: 10 });
    // The story is 59 minutes into the hour, so what the hour before used hardly counts.
    const outcomes: string[] = [];
    for (let call = 0; call < 12; call += 1) {
      outcomes.push(
        await few
          .client()
          .scope('402131', 'Timeline')
          .then(
            () => 'read',
            (error: unknown) => (error instanceof CallBudgetError ? 'refused' : 'failed'),
          ),
      );
    }
    expect(outcomes.filter((outcome) => outcome === 'read')).toHaveLength(8);
    expect(await few.client().alert('402131')).toBeDefined();
    expect(await few.client().alert('402131')).toBeDefined();
    await expect(few.client().alert('402131')).rejects.toBeInstanceOf(CallBudgetError);
    expect((await few.client().logins(AROUND, MID)).items).toHaveLength(2);
    await few.close();
  });
});
