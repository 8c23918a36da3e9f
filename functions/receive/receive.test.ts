import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INLINE_BYTES } from '../../connectors/intake/hand-over.ts';
import { alertReceivedSchema } from '../../domain/events.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import { busDown, memoryBus } from '../../test/fakes/bus.ts';
import { memorySecrets } from '../../test/fakes/secrets.ts';
import { memoryBlobStore } from '../../test/fakes/stores.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { credentialCheck } from './credential.ts';
import { networkCheck } from './networks.ts';
import { type ReceiveDeps, receive } from './receive.ts';

/** The body Prisma Cloud Compute's documented template gives for a crypto miner (test/fixtures/webhooks/README.md). */
const alert = readFileSync(
  new URL('../../test/fixtures/webhooks/compute-container-cryptominer.json', import.meta.url),
  'utf8',
);
const SECRET = 'parapet/prisma-webhook';
const PATH_SECRET = 'parapet/lacework-webhook';
const from = (sourceIp: string) => ({ identity: { sourceIp } });
const authorization = `Basic ${Buffer.from('prisma:correct horse').toString('base64')}`;

function setUp(limit = 1_048_576) {
  const telemetry = recordingTelemetry();
  const bus = memoryBus();
  const blobs = memoryBlobStore();
  const secrets = memorySecrets({
    [SECRET]: { username: 'prisma', current: 'correct horse' },
    [PATH_SECRET]: { scheme: 'path', current: 'canary-path-secret' },
  });
  const now = () => new Date('2025-10-14T09:16:05.000Z');
  const deps: ReceiveDeps = {
    webhooks: {
      'prisma-cloud-compute': { secret: SECRET, bodyLimitBytes: limit, mayCome: networkCheck(['203.0.113.0/24']) },
      lacework: { secret: PATH_SECRET, bodyLimitBytes: limit, mayCome: networkCheck(['198.51.100.0/24']) },
    },
    credentials: credentialCheck({ secrets, telemetry, now }),
    bus,
    blobs: async () => blobs,
    telemetry,
    now,
    newDeliveryId: () => '01K7HA0000000000000000TEST',
  };
  return { deps, telemetry, bus, blobs, secrets };
}

function post(body: string | Buffer, change: Record<string, unknown> = {}) {
  return {
    httpMethod: 'POST',
    pathParameters: { source: 'prisma-cloud-compute' },
    headers: { Authorization: authorization, 'Content-Type': 'application/json' },
    requestContext: from('203.0.113.7'),
    ...(typeof body === 'string'
      ? { body, isBase64Encoded: false }
      : { body: body.toString('base64'), isBase64Encoded: true }),
    ...change,
  };
}

describe('receive', () => {
  it('puts the alert on the bus as it came, and answers with its delivery id', async () => {
    const { deps, bus, telemetry } = setUp();
    expect(await receive(deps, post(alert))).toEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/json' },
      body: '{"message":"The alert was accepted.","deliveryId":"01K7HA0000000000000000TEST"}',
    });
    expect(bus.published).toEqual([
      {
        detailType: 'Alert Received',
        detail: {
          deliveryId: '01K7HA0000000000000000TEST',
          source: 'prisma-cloud-compute',
          channel: 'webhook',
          receivedAt: '2025-10-14T09:16:05.000Z',
          sha256: sha256Hex(alert),
          bytes: Buffer.byteLength(alert),
          body: { in: 'event', text: alert },
        },
      },
    ]);
    expect(telemetry.counted('WebhookAccepted', { source: 'prisma-cloud-compute' })).toBe(1);
  });

  it('takes the same bytes in base64 - API Gateway encodes what it regards as binary', async () => {
    const { deps, bus } = setUp();
    await receive(deps, post(Buffer.from(alert)));
    expect(bus.published[0]?.detail).toMatchObject({ sha256: sha256Hex(alert), body: { in: 'event', text: alert } });
  });

  it('stores a large body and puts a pointer on the bus', async () => {
    const { deps, bus, blobs } = setUp();
    const large = JSON.stringify({ text: 'x'.repeat(INLINE_BYTES) });
    expect((await receive(deps, post(large))).statusCode).toBe(202);
    const key = `alerts/${sha256Hex(large)}.json`;
    expect(alertReceivedSchema.parse(bus.published[0]?.detail).body).toEqual({
      in: 'store',
      pointer: { key, sha256: sha256Hex(large), bytes: large.length },
    });
    expect(await blobs.get(key)).toBe(large);
  });

  it('keeps an event within the bus limit for the worst body that goes inline', async () => {
    const { deps, bus } = setUp();
    const worst = `"${'\\"'.repeat((INLINE_BYTES - 2) / 2)}"`;
    await receive(deps, post(worst));
    expect(alertReceivedSchema.parse(bus.published[0]?.detail).body.in).toBe('event');
    expect(Buffer.byteLength(JSON.stringify(bus.published[0]?.detail))).toBeLessThan(500_000);
  });

  it.each([
    ['an unknown source', 404, 'unknown-source', post(alert, { pathParameters: { source: 'nobody' } })],
    [
      'a source named like a property of every object',
      404,
      'unknown-source',
      post(alert, { pathParameters: { source: 'constructor' } }),
    ],
    [
      'a sender in a network of another source',
      403,
      'forbidden-network',
      post(alert, { requestContext: from('198.51.100.7') }),
    ],
    [
      'a forwarded header that names an allowed network',
      403,
      'forbidden-network',
      post(alert, {
        headers: { authorization, 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' },
        requestContext: from('192.0.2.1'),
      }),
    ],
    ['a sender nobody can name', 403, 'forbidden-network', post(alert, { requestContext: {} })],
    ['GET', 405, 'wrong-method', post(alert, { httpMethod: 'GET' })],
    ['HEAD', 405, 'wrong-method', post(alert, { httpMethod: 'HEAD' })],
    ['no credential', 401, 'unauthenticated', post(alert, { headers: { 'content-type': 'application/json' } })],
    [
      'two credentials',
      401,
      'unauthenticated',
      post(alert, {
        multiValueHeaders: { authorization: [authorization, authorization], 'content-type': ['application/json'] },
      }),
    ],
    [
      'something that is not JSON, without a credential',
      401,
      'unauthenticated',
      post('{"type": containerRuntime}', { headers: { 'content-type': 'application/json' } }),
    ],
    ['no body', 400, 'empty', post('', { body: null })],
    ['an event that is no request', 400, 'malformed-request', { Records: [] }],
  ])('refuses %s with one sentence, and counts it', async (_, status, reason, event) => {
    const { deps, bus, telemetry } = setUp();
    const answer = await receive(deps, event);
    expect(answer.statusCode).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({ message: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(bus.published).toEqual([]);
    expect(telemetry.counted('WebhookRefused', { reason })).toBe(1);
    expect(telemetry.counted('WebhookAccepted')).toBe(0);
  });

  it.each<[string, number, string, Buffer, string?]>([
    ['a form', 415, 'not-json-type', Buffer.from('a=b'), 'application/x-www-form-urlencoded'],
    ['another charset', 415, 'not-json-type', Buffer.from(alert), 'application/json; charset=latin1'],
    ['no content type', 415, 'not-json-type', Buffer.from(alert), ''],
    ['something that is not JSON', 400, 'not-json', Buffer.from('{"type": containerRuntime}')],
    ['a byte order mark and no JSON', 400, 'not-json', Buffer.from('\ufeff\ufeff{}')],
    ['nesting of 10,000', 400, 'too-deep', Buffer.from('['.repeat(10_000) + ']'.repeat(10_000))],
    ['400,001 elements', 400, 'too-many-members', Buffer.from(`[${'1,'.repeat(400_000)}1]`)],
    ['broken UTF-8', 400, 'not-utf8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['UTF-16', 400, 'not-utf8', Buffer.from('{"a":1}', 'utf16le')],
    ['a NUL', 400, 'not-utf8', Buffer.from('{"a":"\u0000"}')],
    ['much that is no text', 400, 'not-utf8', Buffer.alloc(INLINE_BYTES, 0xff)],
  ])(
    'refuses %s of an authentic sender, keeps it as it came, and says where',
    async (_, status, reason, body, type) => {
      const { deps, bus, blobs, telemetry } = setUp();
      const headers = { authorization, 'content-type': type ?? 'application/json' };
      const answer = await receive(deps, post(body, { headers }));
      expect(answer.statusCode).toBe(status);
      expect(JSON.parse(answer.body)).toEqual({
        message: expect.stringMatching(/^The alert .*; it was kept \(see: parapet quarantine list\)\.$/),
        deliveryId: '01K7HA0000000000000000TEST',
      });
      const kept = alertReceivedSchema.parse(bus.published[0]?.detail);
      expect(kept).toMatchObject({ refused: expect.any(String), sha256: sha256Hex(body), bytes: body.byteLength });
      const text = kept.body.in === 'event' ? kept.body.text : await blobs.get(kept.body.pointer.key);
      expect(Buffer.from(text, kept.encoding ?? 'utf8').equals(body)).toBe(true);
      expect(kept.encoding).toBe(reason === 'not-utf8' ? 'base64' : undefined);
      expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(500_000);
      expect(telemetry.counted('WebhookRefused', { reason, source: 'prisma-cloud-compute' })).toBe(1);
      expect(telemetry.counted('WebhookAccepted')).toBe(0);
    },
  );

  it('answers 503 when what is not JSON could not be kept - its sender has the only copy', async () => {
    const { deps, bus } = setUp();
    bus.failNext('publish', busDown);
    expect(await receive(deps, post('not json'))).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
  });

  it('keeps nothing of a body over the limit, JSON or not', async () => {
    const { deps, bus } = setUp(8);
    expect((await receive(deps, post('not json!'))).statusCode).toBe(413);
    expect(bus.published).toEqual([]);
  });

  it('takes a charset that says UTF-8 and a header in any case', async () => {
    const { deps } = setUp();
    const headers = { AUTHORIZATION: authorization, 'content-TYPE': 'Application/JSON; charset="UTF-8"' };
    expect((await receive(deps, post(alert, { headers }))).statusCode).toBe(202);
  });

  it('takes a body of exactly the limit and refuses one byte more before it looks at the credential', async () => {
    const limit = 1024;
    const { deps, secrets } = setUp(limit);
    const body = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    expect((await receive(deps, post(body(limit + 1)))).statusCode).toBe(413);
    expect((await receive(deps, post(Buffer.from(body(limit + 1))))).statusCode).toBe(413);
    expect(secrets.fetched).toEqual([]);
    expect((await receive(deps, post(body(limit)))).statusCode).toBe(202);
    expect((await receive(deps, post(Buffer.from(body(limit))))).statusCode).toBe(202);
  });

  it('takes a body with a byte order mark as it is - one vendor sends it, and it is no reason to lose an alert', async () => {
    const { deps, bus } = setUp();
    const marked = `\ufeff${alert}`;
    expect((await receive(deps, post(Buffer.from(marked)))).statusCode).toBe(202);
    expect(bus.published[0]?.detail).toMatchObject({ sha256: sha256Hex(marked), body: { in: 'event', text: marked } });
  });

  it('tells a client how to authenticate and which method is allowed', async () => {
    const { deps } = setUp();
    const unauthenticated = await receive(deps, post(alert, { headers: {} }));
    expect(unauthenticated.headers['www-authenticate']).toBe(
      'Basic realm="parapet", charset="UTF-8", Bearer realm="parapet"',
    );
    expect((await receive(deps, post(alert, { httpMethod: 'GET' }))).headers['allow']).toBe('POST');
  });

  it('takes the credential from the address where the source can send none elsewhere, and tells it to nobody', async () => {
    const { deps, bus, telemetry } = setUp();
    const at = (secret: string) =>
      post(alert, {
        resource: '/webhooks/lacework/{secret}',
        path: `/webhooks/lacework/${secret}`,
        pathParameters: { secret },
        headers: { 'content-type': 'application/json' },
        requestContext: from('198.51.100.7'),
      });
    expect((await receive(deps, at('canary-path-secret'))).statusCode).toBe(202);
    const wrong = await receive(deps, at('canary-path-secreT'));
    expect(wrong.statusCode).toBe(401);
    expect((await receive(deps, { ...at(''), resource: '/webhooks/lacework', pathParameters: null })).statusCode).toBe(
      401,
    );
    expect(bus.published).toHaveLength(1);
    expect(JSON.stringify([telemetry.said, telemetry.counts, bus.published, wrong])).not.toMatch(/canary/i);
  });

  it('answers 503 with Retry-After when the bus did not take the alert - a 2xx would lose it', async () => {
    const { deps, bus, telemetry } = setUp();
    bus.failNext('publish', busDown);
    const answer = await receive(deps, post(alert));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expect(JSON.parse(answer.body)).not.toHaveProperty('deliveryId');
    expect(telemetry.counted('WebhookRefused', { reason: 'bus-unavailable' })).toBe(1);
  });

  it('answers 503 when a large body could not be stored, and puts no pointer to nothing on the bus', async () => {
    const { deps, bus, blobs } = setUp();
    blobs.failNext('put', new Error('SlowDown'));
    const answer = await receive(deps, post(JSON.stringify({ text: 'x'.repeat(INLINE_BYTES) })));
    expect(answer.statusCode).toBe(503);
    expect(bus.published).toEqual([]);
  });

  it('answers 503 when the credential cannot be checked - a guard that cannot be evaluated refuses', async () => {
    const { deps, bus, secrets } = setUp();
    secrets.unavailable = true;
    expect(await receive(deps, post(alert))).toMatchObject({ statusCode: 503, headers: { 'retry-after': '30' } });
    expect(bus.published).toEqual([]);
  });

  it('says nothing of bodies and credentials in its log, whatever happens', async () => {
    const { deps, bus, telemetry } = setUp();
    const marked = JSON.stringify({ message: 'canary-in-the-body' });
    await receive(deps, post(marked));
    await receive(deps, post(`${marked}}`));
    await receive(
      deps,
      post(marked, { headers: { authorization: `Basic ${Buffer.from('prisma:canary').toString('base64')}` } }),
    );
    bus.failNext('publish', busDown);
    await receive(deps, post(marked));
    const everything = JSON.stringify([telemetry.said, telemetry.counts]);
    for (const secret of ['canary', 'correct horse', authorization, Buffer.from('prisma:canary').toString('base64')]) {
      expect(everything).not.toContain(secret);
    }
  });

  it('either accepts JSON untouched or refuses it, for any JSON there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
        const { deps, bus } = setUp();
        const body = JSON.stringify(value);
        expect((await receive(deps, post(Buffer.from(body)))).statusCode).toBe(202);
        expect(bus.published[0]?.detail).toMatchObject({ sha256: sha256Hex(body), body: { in: 'event', text: body } });
      }),
    );
  });
});
