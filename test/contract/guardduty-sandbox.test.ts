import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedHeaders } from '../../connectors/aws/signed-headers.ts';
import { guardDutySandbox } from '../../local/sandbox/guardduty/guardduty.ts';
import { guardDutyScenario } from '../../local/sandbox/guardduty/scenario.ts';
import { inspectorSandbox } from '../../local/sandbox/inspector/inspector.ts';
import { inspectorScenario } from '../../local/sandbox/inspector/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { CREDENTIALS, scenarioFolder } from './aws-fixtures.ts';

const scenario = guardDutyScenario(scenarioFolder('reverse-shell/guardduty'));
const DETECTOR = scenario.detectorId;
let server: SandboxServer;
beforeEach(async () => {
  const guardduty = guardDutySandbox(scenario, { credentials: CREDENTIALS });
  const inspector = inspectorSandbox(inspectorScenario(scenarioFolder('exploitable-image/inspector')), {
    credentials: CREDENTIALS,
  });
  server = await serve({ systems: { guardduty, inspector }, mount: 'prefix' });
});
afterEach(() => server.close());

async function post(
  path: string,
  body: unknown,
  how: {
    readonly service?: string;
    readonly region?: string;
    readonly secret?: string;
    readonly headers?: object;
  } = {},
): Promise<number> {
  const url = `${server.url}${path}`;
  const text = JSON.stringify(body);
  const headers = signedHeaders({
    method: 'POST',
    url,
    body: text,
    service: how.service ?? (path.startsWith('/guardduty') ? 'guardduty' : 'inspector2'),
    region: how.region ?? 'us-east-1',
    credentials: { ...CREDENTIALS, secretAccessKey: how.secret ?? CREDENTIALS.secretAccessKey },
    at: new Date('2025-10-20T14:30:00Z'),
  });
  return (await fetch(url, { method: 'POST', body: text, headers: { ...headers, ...how.headers } })).status;
}

const GET = `/guardduty/detector/${DETECTOR}/findings/get`;
const LIST = `/guardduty/detector/${DETECTOR}/findings`;

describe('the sandbox of GuardDuty and Inspector refuses what AWS refuses', () => {
  it.each<[string, object]>([
    ['another service in the signature', { service: 'inspector2' }],
    ['another region', { region: 'eu-west-1' }],
    ['another secret', { secret: 'wrong' }],
    ['no signature', { headers: { authorization: '' } }],
    ['a signature of another time', { headers: { 'x-amz-date': '20251020T143001Z' } }],
  ])('%s', async (_what, how) => {
    expect(await post(GET, { findingIds: ['00'] }, how)).toBe(403);
  });

  it.each<[string, string, unknown, number]>([
    ['an unknown field', GET, { findingIds: ['00'], more: 1 }, 400],
    ['no ids', GET, { findingIds: [] }, 400],
    ['more than 50 ids', GET, { findingIds: Array.from({ length: 51 }, (_, index) => String(index)) }, 400],
    ['a foreign detector', '/guardduty/detector/ab/findings/get', { findingIds: ['00'] }, 400],
    ['an unknown criterion', LIST, { findingCriteria: { criterion: { 'resource.nothing': { equals: ['x'] } } } }, 400],
    ['a page of 51', LIST, { maxResults: 51 }, 400],
    ['an unknown path', '/guardduty/detector', {}, 405],
    ['an unknown filter', '/inspector/findings/list', { filterCriteria: { nothing: [] } }, 400],
    [
      'an unknown comparison',
      '/inspector/findings/list',
      { filterCriteria: { findingArn: [{ comparison: 'LIKE', value: 'x' }] } },
      400,
    ],
    [
      'eleven values',
      '/inspector/findings/list',
      { filterCriteria: { findingArn: Array.from({ length: 11 }, () => ({ comparison: 'EQUALS', value: 'x' })) } },
      400,
    ],
    [
      'eleven ARNs',
      '/inspector/findings/details/batch/get',
      { findingArns: Array.from({ length: 11 }, () => 'x') },
      400,
    ],
    [
      'two ids in one search',
      '/inspector/vulnerabilities/search',
      { filterCriteria: { vulnerabilityIds: ['a', 'b'] } },
      400,
    ],
    ['an operation it does not have', '/inspector/findings/delete', {}, 404],
  ])('%s', async (_what, path, body, status) => {
    expect(await post(path, body)).toBe(status);
  });

  it('another content type', async () => {
    const url = `${server.url}${GET}`;
    const body = '{"findingIds":["00"]}';
    const signed = signedHeaders({
      method: 'POST',
      url,
      body,
      service: 'guardduty',
      region: 'us-east-1',
      credentials: CREDENTIALS,
      at: new Date(),
    });
    const { 'Content-Type': _, ...headers } = { 'Content-Type': '', ...signed };
    const answer = await fetch(url, { method: 'POST', body, headers: { ...headers, 'content-type': 'text/plain' } });
    // The content type is part of the signature, so AWS refuses at the signature already.
    expect(answer.status).toBe(403);
  });

  it('and answers what is in order', async () => {
    expect(await post(GET, { findingIds: ['00'] })).toBe(200);
    expect(await post(LIST, {})).toBe(200);
    expect(await post('/inspector/findings/list', {})).toBe(200);
  });
});
