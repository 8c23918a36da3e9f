import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  DEFAULT_LIMITS,
  type HttpDeps,
  jsonOf,
  RefusedError,
  realHttp,
  request,
  retryAfter,
  UnreachableError,
  UnusableAnswerError,
} from './request.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

type Step = { status: number; headers?: Record<string, string>; body?: string } | 'hang' | 'cut';

/** A server that plays its steps in order and repeats the last one. */
async function server(...steps: readonly Step[]): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const http = createServer((incoming, outgoing) => {
    const step = steps[Math.min(seen.length, steps.length - 1)];
    seen.push(`${incoming.method} ${incoming.url}`);
    if (step === 'hang' || step === undefined) return;
    if (step === 'cut') {
      incoming.socket.destroy();
      return;
    }
    outgoing.writeHead(step.status, step.headers).end(step.body ?? '');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  );
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { url: `http://127.0.0.1:${address.port}/things`, seen };
}

function patient(): { http: HttpDeps; waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    http: {
      ...realHttp,
      random: () => 1,
      sleep: async (ms) => {
        waits.push(ms);
      },
    },
  };
}

describe('request', () => {
  it('waits as long as Retry-After says and then succeeds - a 429 is a queue, not a no', async () => {
    const { url, seen } = await server(
      { status: 429, headers: { 'retry-after': '2' } },
      { status: 200, body: '{"ok":true}' },
    );
    const { http, waits } = patient();
    const answer = await request(http, { method: 'GET', url });
    expect(jsonOf(answer)).toEqual({ ok: true });
    expect({ waits, calls: seen.length }).toEqual({ waits: [2000], calls: 2 });
  });

  it('does not wait for a Retry-After beyond the limit - Step Functions has more patience than a function', async () => {
    const { url, seen } = await server({ status: 429, headers: { 'retry-after': '60' } });
    const { http, waits } = patient();
    const error = await request(http, { method: 'GET', url }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ status: 429, retryAfterMs: 60_000 });
    expect({ waits, calls: seen.length }).toEqual({ waits: [], calls: 1 });
  });

  it('stops after the configured attempts when the server keeps failing - a broken vendor must not burn the time budget', async () => {
    const { url, seen } = await server({ status: 500, body: 'boom' });
    const { http, waits } = patient();
    await expect(request(http, { method: 'GET', url }, { ...DEFAULT_LIMITS, attempts: 3 })).rejects.toMatchObject({
      name: 'RefusedError',
      status: 500,
      excerpt: 'boom',
    });
    expect({ waits, calls: seen.length }).toEqual({ waits: [200, 400], calls: 3 });
  });

  it.each([400, 401, 403, 404, 409, 422])(
    'never repeats a %i - the same question would get the same answer',
    async (status) => {
      const { url, seen } = await server({ status });
      const { http } = patient();
      await expect(request(http, { method: 'GET', url })).rejects.toMatchObject({ status });
      expect(seen).toHaveLength(1);
    },
  );

  it('gives up on a connection that hangs - the time limit is what keeps a function alive', async () => {
    const { url } = await server('hang');
    const { http } = patient();
    const call = request(http, { method: 'GET', url }, { ...DEFAULT_LIMITS, attempts: 1, timeoutMs: 100 });
    await expect(call).rejects.toThrow(UnreachableError);
    await expect(call).rejects.toThrow(/did not answer within 100 ms/);
  });

  it('tries again after a cut connection and keeps the cause when it gives up', async () => {
    const { url, seen } = await server('cut');
    const { http } = patient();
    const error = await request(http, { method: 'GET', url }, { ...DEFAULT_LIMITS, attempts: 2 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toHaveProperty('cause');
    expect(seen).toHaveLength(2);
  });

  it('refuses a redirect - it would carry the credential to another host', async () => {
    const { url } = await server({ status: 302, headers: { location: 'http://attacker.example/' } });
    await expect(request(patient().http, { method: 'GET', url })).rejects.toThrow(UnusableAnswerError);
  });

  it('stops reading an answer that is larger than allowed', async () => {
    const { url } = await server({ status: 200, body: 'x'.repeat(5000) });
    await expect(
      request(patient().http, { method: 'GET', url }, { ...DEFAULT_LIMITS, maxAnswerBytes: 1000 }),
    ).rejects.toThrow(/more than 1000 bytes/);
  });

  it('names method, host and path but never the query - it may hold names of people or keys', async () => {
    const { url } = await server({ status: 404 });
    const error = await request(patient().http, { method: 'GET', url: `${url}?password=hunter2` }).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).toMatch(/GET 127\.0\.0\.1:\d+\/things answered 404/);
    expect(String(error)).not.toContain('hunter2');
  });
});

describe('retryAfter', () => {
  it.each([
    ['3', 3000],
    [' 10 ', 10_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['-1', undefined],
    ['', undefined],
    [null, undefined],
  ])('reads %j as %j milliseconds', (header, expected) => {
    expect(retryAfter(header)).toBe(expected);
  });
});

describe('jsonOf', () => {
  it('says what came instead of JSON - an HTML error page with status 200 is a usual lie', () => {
    expect(() => jsonOf({ status: 200, headers: new Headers(), text: '<html>maintenance</html>' })).toThrow(
      /status 200.*<html>maintenance/,
    );
  });
});
