import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asGraphQuery } from '../../connectors/cwpp/wiz/client.ts';
import { GraphQlError, ReadBudgetError } from '../../connectors/cwpp/wiz/trouble.ts';
import { RefusedError, UnreachableError, UnusableAnswerError } from '../../connectors/http/request.ts';
import {
  CONTAINER_ID,
  DETECTION_ID,
  EVENT_ID,
  ISSUE_ID,
  POSTURE_ISSUE_ID,
  startTenant,
  type WizTenant,
} from './wiz-tenant.ts';

let on: WizTenant;
beforeEach(async () => {
  on = await startTenant();
});
afterEach(() => on.close());

const replying = (body: unknown, status = 200) => ({
  system: 'wiz',
  path: '/graphql',
  reply: { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
});

describe('reading a tenant', () => {
  it('sends only documents that the schema of a new tenant knows', async () => {
    const wiz = on.client();
    const { value: posture } = await wiz.issue(POSTURE_ISSUE_ID);
    const query = asGraphQuery(posture?.evidenceQuery);
    expect(query).toBeDefined();
    expect((await wiz.issue(ISSUE_ID)).value?.entitySnapshot?.name).toBe('pdf-renderer');
    expect((await wiz.issueNewer(ISSUE_ID)).value?.entitySnapshot?.kubernetesClusterName).toBe('prod-eks');
    expect((await wiz.threat(ISSUE_ID)).value?.threatDetectionDetails?.resources).toHaveLength(1);
    expect((await wiz.aiAnalysis(ISSUE_ID)).value?.verdict).toBe('MALICIOUS');
    expect((await wiz.relatedIssues(CONTAINER_ID)).value).toHaveLength(2);
    expect((await wiz.detection(DETECTION_ID)).value?.triggeringEvents).toHaveLength(1);
    expect((await wiz.detectionsOf(ISSUE_ID)).value).toHaveLength(2);
    expect((await wiz.cloudEvent(EVENT_ID)).value?.extraDetails?.processTree).toHaveLength(3);
    expect((await wiz.cloudEventNewer(EVENT_ID)).value?.extraDetails?.context?.path).toBe('/usr/bin/nsenter');
    expect((await wiz.vulnerabilities([CONTAINER_ID])).value).toHaveLength(3);
    expect((await wiz.vulnerabilityScores([CONTAINER_ID])).value[0]?.exploitabilityScore).toBe(3.9);
    expect((await wiz.exposures([CONTAINER_ID])).value).toHaveLength(1);
    expect((await wiz.posture(CONTAINER_ID)).value).toHaveLength(1);
    expect((await wiz.frameworks([])).value).toHaveLength(2);
    expect((await wiz.graph(query ?? {})).value[0]?.entities).toHaveLength(2);
  });

  it('asks for one token, whatever is read with it and by however many clients', async () => {
    await Promise.all([on.client().issue(ISSUE_ID), on.client().frameworks([]), on.client().detection(DETECTION_ID)]);
    expect(on.server.calls.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);
  });

  it('tells a record that is not there from one that could not be read', async () => {
    expect(await on.client().issue('00000000-0000-0000-0000-000000000000')).toEqual({ value: undefined, problems: [] });
    expect(await on.client().detection('none')).toEqual({ value: undefined, problems: [] });
  });
});

describe('a tenant of the public schema of 2023', () => {
  it('answers every document that is not marked newer, and refuses only the newer ones', async () => {
    const old = await startTenant({ tenant: '2023' });
    try {
      const wiz = old.client();
      for (const read of [
        wiz.issue(ISSUE_ID),
        wiz.cloudEvent(EVENT_ID),
        wiz.vulnerabilities([CONTAINER_ID]),
        wiz.exposures([CONTAINER_ID]),
        wiz.posture(CONTAINER_ID),
        wiz.frameworks([]),
        wiz.graph({}),
      ]) {
        expect((await read).problems).toEqual([]);
      }
      for (const read of [
        () => wiz.issueNewer(ISSUE_ID),
        () => wiz.threat(ISSUE_ID),
        () => wiz.aiAnalysis(ISSUE_ID),
        () => wiz.detection(DETECTION_ID),
        () => wiz.cloudEventNewer(EVENT_ID),
        () => wiz.vulnerabilityScores([CONTAINER_ID]),
        () => wiz.relatedIssues(CONTAINER_ID),
      ]) {
        await expect(read()).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
          message: expect.stringMatching(/Cannot query field/),
        });
      }
    } finally {
      await old.close();
    }
  });
});

describe('the sandbox', () => {
  const post = async (path: string, headers: Record<string, string>, body: string) => {
    const answer = await fetch(`${on.server.url}/wiz${path}`, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
  const JSON_TYPE = { 'content-type': 'application/json' };
  const credentials = 'client_id=sandbox-client&client_secret=sandbox-secret-of-parapet-read';

  it.each([
    ['a missing audience', FORM, `grant_type=client_credentials&${credentials}`, 400],
    ['another audience', FORM, `grant_type=client_credentials&audience=beyond-api&${credentials}`, 403],
    [
      'a wrong secret',
      FORM,
      'grant_type=client_credentials&audience=wiz-api&client_id=sandbox-client&client_secret=x',
      401,
    ],
    ['another grant', FORM, `grant_type=password&audience=wiz-api&${credentials}`, 400],
    ['JSON instead of a form', JSON_TYPE, '{}', 415],
  ])('gives no token for %s', async (_what, headers, body, status) => {
    expect((await post('/oauth/token', headers, body)).status).toBe(status);
  });

  it('refuses a query without a token, of another content type, with an unknown field, operation or filter', async () => {
    const authorised = { authorization: `Bearer ${await on.tokens.get()}` };
    const ask = async (query: string, variables = {}) =>
      (await post('/graphql', { ...JSON_TYPE, ...authorised }, JSON.stringify({ query, variables }))).text;
    expect((await post('/graphql', JSON_TYPE, '{"query":"{ issue }"}')).status).toBe(401);
    expect((await post('/graphql', { ...FORM, ...authorised }, 'query=x')).status).toBe(415);
    expect(await ask('query { issue(id: "x") { id attackPath } }')).toMatch(/Cannot query field \\"attackPath\\"/);
    expect(await ask('query { cloudConfigurationFindings { nodes { id } } }')).toMatch(/Cannot query field/);
    expect(await ask('mutation { isolateWorkload(id: "x") { id } }')).toMatch(/UNAUTHORIZED/);
    expect(await ask('query { detections(first: 1, filterBy: { severityAbove: "LOW" }) { nodes { id } } }')).toMatch(
      /severityAbove/,
    );
    expect(await ask('query { detections(first: 501) { nodes { id } } }')).toMatch(/first must be 1 to 500/);
    expect(await ask('query { issue(id: "x") { entitySnapshot } }')).toMatch(/must have a selection/);
  });
});

describe('tokens', () => {
  it('are renewed once when the API refuses one, and the secret is read afresh', async () => {
    const wiz = on.client();
    await wiz.issue(ISSUE_ID);
    on.sandbox.expireTokens();
    expect((await wiz.issue(ISSUE_ID)).value?.id).toBe(ISSUE_ID);
    expect(on.secrets.fetched).toHaveLength(2);
  });

  it('are renewed when the refusal stands inside a 200', async () => {
    on.server.misbehave(
      replying({ data: null, errors: [{ message: 'expired', extensions: { code: 'UNAUTHENTICATED' } }] }),
    );
    expect((await on.client().issue(ISSUE_ID)).value?.id).toBe(ISSUE_ID);
  });

  it('are not asked for again and again when every one is refused', async () => {
    const refused = { ...replying({ errors: [] }, 401), times: 10 };
    on.server.misbehave(refused);
    await expect(on.client().issue(ISSUE_ID)).rejects.toBeInstanceOf(RefusedError);
    expect(on.operations()).toHaveLength(2);
  });

  it('of a rotated secret are had by reading it afresh', async () => {
    const [name] = [...on.secrets.stored.keys()];
    const good = on.secrets.stored.get(name ?? '');
    on.secrets.stored.set(name ?? '', { clientId: 'sandbox-client', clientSecret: 'old' });
    await expect(on.tokens.get()).rejects.toBeInstanceOf(RefusedError);
    on.secrets.stored.set(name ?? '', good);
    expect((await on.client().issue(ISSUE_ID)).value?.id).toBe(ISSUE_ID);
  });

  it('for another audience are refused, and that is said', async () => {
    await expect(on.client({ audience: 'beyond-api' }).issue(ISSUE_ID)).rejects.toMatchObject({ status: 403 });
  });
});

describe('paging', () => {
  const many = (count: number) =>
    startTenant({
      change: (scenario) => ({
        ...scenario,
        vulnerabilityFindings: Array.from({ length: count }, (_, index) => ({
          ...scenario.vulnerabilityFindings[0],
          id: `v-${index}`,
        })),
      }),
    });

  it('reads all pages, also when the token ends in the middle', async () => {
    const tenant = await many(250);
    try {
      tenant.sandbox.expireTokens(1);
      const { value, problems } = await tenant.client().vulnerabilities([CONTAINER_ID]);
      expect([value.length, problems]).toEqual([250, []]);
      expect(tenant.operations()).toHaveLength(4);
    } finally {
      await tenant.close();
    }
  });

  it('stops at the cap and says so', async () => {
    const tenant = await many(700);
    try {
      const { value, problems } = await tenant.client({ limits: { maxPages: 2 } }).vulnerabilities([CONTAINER_ID]);
      expect([value.length, problems]).toEqual([200, ['only the first 200 records were read']]);
    } finally {
      await tenant.close();
    }
  });

  it('ends a cycle of cursors', async () => {
    const page = {
      data: { vulnerabilityFindings: { nodes: [{ id: 'v' }], pageInfo: { hasNextPage: true, endCursor: 'same' } } },
    };
    on.server.misbehave({ ...replying(page), times: 50 });
    const { value, problems } = await on.client().vulnerabilities([CONTAINER_ID]);
    expect(value).toHaveLength(2);
    expect(problems[0]).toMatch(/paging does not advance/);
  });

  it('keeps the pages that were read when a later one fails', async () => {
    const tenant = await many(150);
    try {
      const first = tenant.client();
      await first.issue(ISSUE_ID);
      const page = { nodes: [{ id: 'v-1' }], pageInfo: { hasNextPage: true, endCursor: '100' } };
      tenant.server.misbehave(replying({ data: { vulnerabilityFindings: page } }));
      tenant.server.misbehave({ ...replying({}, 500), times: 10 });
      const { value, problems } = await first.vulnerabilities([CONTAINER_ID]);
      expect(value.map(({ id }) => id)).toEqual(['v-1']);
      expect(problems[0]).toMatch(/answered 500/);
    } finally {
      await tenant.close();
    }
  });

  it.each([null, { nodes: null, pageInfo: null }, { nodes: [null, 1, 'x', { id: null }] }])(
    'takes a connection that is %j for what can be read of it',
    async (connection) => {
      on.server.misbehave(replying({ data: { detections: connection, other: 1 } }));
      expect((await on.client().detectionsOf(ISSUE_ID)).value.flatMap(({ id }) => id ?? [])).toEqual([]);
    },
  );
});

describe('answers that are not what they should be', () => {
  it('half the data beside errors is kept, with the errors', async () => {
    const half = { id: ISSUE_ID, status: 'OPEN', entitySnapshot: null, projects: null, notes: null };
    on.server.misbehave(
      replying({
        data: { issue: half },
        errors: [{ message: 'timed out', path: ['issue', 'entity'], extensions: { code: 'INTERNAL' } }],
      }),
    );
    const { value, problems } = await on.client().issue(ISSUE_ID);
    expect(value).toMatchObject({ id: ISSUE_ID, status: 'OPEN', projects: [] });
    expect(problems).toEqual(['timed out (INTERNAL)']);
  });

  it('a rate limit is waited out, by status and inside a 200, and not for ever', async () => {
    on.server.misbehave({ system: 'wiz', path: '/graphql', reply: { status: 429, headers: { 'retry-after': '2' } } });
    on.server.misbehave(
      replying({ data: null, errors: [{ message: 'slow down', extensions: { code: 'RATE_LIMIT_EXCEEDED' } }] }),
    );
    expect((await on.client().issue(ISSUE_ID)).value?.id).toBe(ISSUE_ID);
    expect(on.waited).toEqual([2000, 200]);
    on.server.misbehave({
      ...replying({ data: null, errors: [{ message: 'slow down', extensions: { code: 'RATE_LIMIT_EXCEEDED' } }] }),
      times: 50,
    });
    await expect(on.client().issue(ISSUE_ID)).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' });
  });

  it('a connection that hangs ends with the time limit', async () => {
    on.server.misbehave({ system: 'wiz', path: '/graphql', times: 5, reply: { hangMs: 60_000 } });
    const wiz = on.client({
      limits: { http: { timeoutMs: 50, attempts: 2, maxAnswerBytes: 1_000_000, maxWaitMs: 10 } },
    });
    await expect(wiz.issue(ISSUE_ID)).rejects.toBeInstanceOf(UnreachableError);
  });

  it('a page beyond the size limit is not read to its end', async () => {
    const wiz = on.client({
      limits: { http: { timeoutMs: 2_000, attempts: 2, maxAnswerBytes: 10_000, maxWaitMs: 10 } },
    });
    on.server.misbehave({ system: 'wiz', path: '/graphql', reply: { status: 200, body: 'x'.repeat(2_000_000) } });
    await expect(wiz.issue(ISSUE_ID)).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it.each(['', 'null', '[]', '<html>', '{"data":7}', '{}'])('%j is unusable', async (body) => {
    on.server.misbehave({ system: 'wiz', path: '/graphql', reply: { status: 200, body } });
    await expect(on.client().issue(ISSUE_ID)).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('a redirect is never followed - it would carry the token to a place nobody configured', async () => {
    on.server.misbehave({
      system: 'wiz',
      path: '/graphql',
      reply: { status: 302, headers: { location: 'http://192.0.2.1/' } },
    });
    await expect(on.client().issue(ISSUE_ID)).rejects.toBeInstanceOf(UnusableAnswerError);
  });

  it('numbers beyond 2^53 are left out instead of being changed', async () => {
    const body = `{"data":{"cloudEvent":{"id":"e","extraDetails":{"processTree":[{"id":"99999999999999999999","path":"/a","size":9007199254740993}]}}}}`;
    on.server.misbehave({ system: 'wiz', path: '/graphql', reply: { status: 200, body } });
    const { value } = await on.client().cloudEvent('e');
    expect(value?.extraDetails?.processTree[0]).toMatchObject({ id: '99999999999999999999', path: '/a' });
  });

  it('a budget that is used up ends the reading with its name', async () => {
    const wiz = on.client({ limits: { maxCalls: 2 } });
    await wiz.issue(ISSUE_ID);
    await wiz.issueNewer(ISSUE_ID);
    await expect(wiz.threat(ISSUE_ID)).rejects.toBeInstanceOf(ReadBudgetError);
    await expect(on.client({ limits: { maxMilliseconds: 0 } }).issue(ISSUE_ID)).rejects.toBeInstanceOf(ReadBudgetError);
    expect(wiz.cost()).toMatchObject({ calls: 2 });
  });

  it('an error with no data is an error with its code', async () => {
    on.server.misbehave(replying({ data: null, errors: [{ message: 'no', extensions: { code: 'UNAUTHORIZED' } }] }));
    await expect(on.client().issue(ISSUE_ID)).rejects.toEqual(
      new GraphQlError('IssueContext: no (UNAUTHORIZED)', 'UNAUTHORIZED'),
    );
  });
});
