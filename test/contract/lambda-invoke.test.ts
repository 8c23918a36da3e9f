import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { FunctionFailedError, InvokeError } from '../../connectors/functions/answer.ts';
import { invoke } from '../../connectors/functions/invoke.ts';
import { type InvokeDeps, signedInvoke } from '../../connectors/functions/signed-invoke.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { lambdaLookUp } from '../../connectors/look-up/client.ts';
import { lookUpIn } from '../../connectors/look-up/lambda.ts';
import { LookUpError } from '../../connectors/look-up/port.ts';
import { MissingSettingError } from '../../connectors/runtime/environment.ts';
import { type Answer, CREDENTIALS, lambdaDoor, REGION, refusal } from './lambda-door.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function door(...answers: readonly Answer[]) {
  const opened = await lambdaDoor(...answers);
  closers.push(opened.close);
  return opened;
}

const LIMITS = { timeoutMs: 20_000, maxAnswerBytes: 1_000, attempts: 3, maxWaitMs: 5_000 };

function depsFor(endpoint: string, change: Partial<InvokeDeps> = {}): InvokeDeps {
  const http = { ...realHttp, sleep: async () => undefined };
  const now = () => new Date();
  return { http, credentials: async () => CREDENTIALS, region: REGION, endpoint, now, limits: LIMITS, ...change };
}

type Call = (endpoint: string, name: string, payload: unknown) => Promise<unknown>;
const bySdk: Call = (endpoint, name, payload) =>
  invoke(
    new LambdaClient({ endpoint, region: REGION, credentials: CREDENTIALS, retryStrategy: retryAtOnce }),
    name,
    payload,
  );
const bySignature: Call = (endpoint, name, payload) => signedInvoke(depsFor(endpoint), name, payload);

/** The SDK's three attempts after what it takes for passing, without its waits. */
const retryAtOnce = {
  acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
  refreshRetryTokenForRetry: async (token: { getRetryCount(): number }, { errorType }: { errorType: string }) => {
    const count = token.getRetryCount() + 1;
    if (count >= 3 || errorType === 'CLIENT_ERROR') throw new Error('no more attempts');
    return { getRetryCount: () => count, getRetryDelay: () => 0 };
  },
  recordSuccess: () => undefined,
};

// Both are held to the same, so that a function hears of Lambda what a person at the command hears.
describe.each([
  ['the client of the SDK', bySdk],
  ['a signed request', bySignature],
])('Invoke by %s', (_name, call) => {
  it('is signed for the function, whatever its name is made of, and hands payload and answer over as they are', async () => {
    const { endpoint, seen } = await door({ status: 200, body: '{"ok":"ü"}' });
    const arn = `arn:aws:lambda:${REGION}:111122223333:function:parapet-look-up`;
    expect(await call(endpoint, 'parapet-look-up', { a: 'ü' })).toEqual({ ok: 'ü' });
    expect(await call(endpoint, arn, {})).toEqual({ ok: 'ü' });
    expect(seen).toEqual([
      { path: '/2015-03-31/functions/parapet-look-up/invocations', payload: '{"a":"ü"}' },
      { path: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, payload: '{}' },
    ]);
  });

  it.each(['Unhandled', 'Handled'])(
    'tells by the header %s that the function failed, and only what it threw',
    async (kind) => {
      const body = JSON.stringify({ errorType: 'PackChangedError', errorMessage: 'the secret is hunter2' });
      const { endpoint, seen } = await door({ status: 200, headers: { 'X-Amz-Function-Error': kind }, body });
      const error = await call(endpoint, 'f', {}).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FunctionFailedError);
      expect(error).toMatchObject({ errorType: 'PackChangedError', message: expect.not.stringContaining('hunter2') });
      expect(seen).toHaveLength(1);
    },
  );

  it('takes a time-out of the function for one that failed - Lambda answers 200 to it, too', async () => {
    const body = '{"errorMessage":"2026-11-25T10:00:00.000Z 1b Task timed out after 90.00 seconds"}';
    const { endpoint } = await door({ status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body });
    await expect(call(endpoint, 'f', {})).rejects.toMatchObject({ name: 'FunctionFailedError', errorType: 'unknown' });
  });

  it.each([
    [400, 'InvalidRequestContentException', 1],
    [403, 'AccessDeniedException', 1],
    [404, 'ResourceNotFoundException', 1],
    [409, 'ResourceConflictException', 1],
    [413, 'RequestTooLargeException', 1],
    [429, 'TooManyRequestsException', 3],
    [500, 'ServiceException', 3],
    [502, 'EC2UnexpectedException', 3],
  ])('could not call the function after %i %s, having tried %i times', async (status, code, attempts) => {
    const { endpoint, seen } = await door(refusal(status, code));
    const error = await call(endpoint, 'f', {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvokeError);
    expect(seen).toHaveLength(attempts);
  });

  it('gets its answer when throttling and outage pass', async () => {
    const { endpoint } = await door(refusal(429, 'TooManyRequestsException'), refusal(500, 'ServiceException'), {
      status: 200,
      body: '1',
    });
    expect(await call(endpoint, 'f', {})).toBe(1);
  });

  it('could not call the function when the line is cut or the answer is no JSON, and does not quote it', async () => {
    await expect(call((await door('cut')).endpoint, 'f', {})).rejects.toBeInstanceOf(InvokeError);
    const { endpoint } = await door({ status: 200, body: 'hunter2' });
    const error = await call(endpoint, 'f', {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'InvokeError', message: 'f answered something that is not JSON' });
    expect(error).not.toHaveProperty('cause');
  });
});

describe('a signed request', () => {
  it('is refused when it is signed with another secret, for another region, or changed - the door is no dummy', async () => {
    const { endpoint } = await door({ status: 200, body: '1' });
    const http: InvokeDeps['http'] = {
      ...realHttp,
      fetch: (url, init) => realHttp.fetch(url, { ...init, body: '{"changed":true}' }),
    };
    for (const change of [
      { credentials: async () => ({ ...CREDENTIALS, secretAccessKey: 'another' }) },
      { credentials: async () => ({ ...CREDENTIALS, sessionToken: undefined }) },
      { region: 'us-east-1' },
      { http },
    ] satisfies Partial<InvokeDeps>[])
      await expect(signedInvoke(depsFor(endpoint, change), 'f', {})).rejects.toThrow(
        'f could not be called (403 InvalidSignatureException)',
      );
  });

  it('gives up on a function that does not answer in time, and on an answer without end', async () => {
    const hanging = await door('hang');
    const soon = { limits: { ...LIMITS, timeoutMs: 50, attempts: 1 } };
    await expect(signedInvoke(depsFor(hanging.endpoint, soon), 'f', {})).rejects.toBeInstanceOf(InvokeError);
    const large = await door({ status: 200, body: JSON.stringify('x'.repeat(2_000)) });
    await expect(signedInvoke(depsFor(large.endpoint), 'f', {})).rejects.toBeInstanceOf(InvokeError);
    expect(large.seen).toHaveLength(1);
  });

  it("goes to the region's own address when no endpoint is given", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (url) => {
      asked.push(String(url));
      return new Response('1');
    };
    for (const region of ['eu-central-1', 'cn-north-1'])
      await signedInvoke({ ...depsFor(''), endpoint: undefined, region, http: { ...realHttp, fetch } }, 'f', {});
    expect(asked).toEqual([
      'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/f/invocations',
      'https://lambda.cn-north-1.amazonaws.com.cn/2015-03-31/functions/f/invocations',
    ]);
  });
});

describe('the look-up function', () => {
  const INPUT = {
    incidentId: 'inc-0123456789abcdef0123',
    packKey: 'incidents/x/pack.json',
    packSha256: 'a'.repeat(64),
    call: { tool: 'similar_incidents', shared: 'image' },
  } as const;
  const ENVIRONMENT = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
  };

  it('is asked with what Lambda puts into the environment', async () => {
    const output = { outcome: 'answered', drafts: [], cost: { calls: 0, bytes: 0, milliseconds: 1 } };
    const { endpoint } = await door({ status: 200, body: JSON.stringify(output) });
    const lookUp = lookUpIn('look-up', { ...ENVIRONMENT, AWS_ENDPOINT_URL: endpoint });
    expect(await lookUp?.ask(INPUT)).toEqual(output);
    const own = lookUpIn('look-up', {
      ...ENVIRONMENT,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_LAMBDA: endpoint,
    });
    expect(await own?.ask(INPUT)).toEqual(output);
  });

  it('is a gap when it failed, could not be called, or answered another shape', async () => {
    for (const answer of [
      refusal(403, 'AccessDeniedException'),
      { status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{}' },
      { status: 200, body: '{"outcome":"perhaps"}' },
    ]) {
      const { endpoint } = await door(answer);
      await expect(lambdaLookUp(depsFor(endpoint), 'look-up').ask(INPUT)).rejects.toBeInstanceOf(LookUpError);
    }
  });

  it('is not offered where there is none, and a region that is missing is a fault of the deployment', () => {
    expect(lookUpIn(undefined, {})).toBeUndefined();
    expect(() => lookUpIn('look-up', {})).toThrow(MissingSettingError);
  });
});
