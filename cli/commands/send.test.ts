import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { desk } from '../../test/desk/desk.ts';

interface Received {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly type: string | undefined;
  readonly body: Buffer;
}

const received: Received[] = [];
let statuses: number[] = [];
let url = '';
let folder = '';
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { authorization, 'content-type': type } = request.headers;
    const { headers } = request;
    received.push({ path: request.url ?? '', authorization, headers, type, body: Buffer.concat(chunks) });
    response.writeHead(statuses.shift() ?? 202, { location: 'http://127.0.0.1:1/' }).end('{"deliveryId":"dlv-1"}');
  });
});

beforeEach(async () => {
  received.length = 0;
  statuses = [];
  folder = mkdtempSync(join(tmpdir(), 'parapet-send-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const WEBHOOK_SECRET = 'parapet/prisma-cloud-compute/webhook';

async function sender() {
  const one = await desk({ connection: { webhooks: url } });
  one.secrets.set(WEBHOOK_SECRET, '{"username":"parapet","current":"invented"}');
  return one;
}

function file(name: string, bytes: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('send', () => {
  it('posts the bytes untouched with the credential of the configuration, as the vendor would', async () => {
    const one = await sender();
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x0a, 0x7d]);
    expect(await one.type('send', 'prisma-cloud-compute', file('a.json', bytes))).toBe(0);
    expect(received).toEqual([
      {
        path: '/webhooks/prisma-cloud-compute',
        authorization: `Basic ${Buffer.from('parapet:invented').toString('base64')}`,
        headers: expect.any(Object),
        type: 'application/json',
        body: bytes,
      },
    ]);
    expect(one.out.join()).not.toContain('invented');
  });

  it.each([
    ['bearer', {}, { authorization: 'Bearer invented-credential-1' }, ''],
    ['header', { header: 'x-parapet-token' }, { 'x-parapet-token': 'invented-credential-1' }, ''],
    ['path', {}, {}, '/invented-credential-1'],
  ] as const)('shows the credential in the form the secret names: %s', async (scheme, fields, headers, behind) => {
    const one = await sender();
    one.secrets.set(WEBHOOK_SECRET, JSON.stringify({ scheme, ...fields, current: 'invented-credential-1' }));
    expect(await one.type('send', 'prisma-cloud-compute', file('a', '{}'))).toBe(0);
    expect(received).toMatchObject([{ path: `/webhooks/prisma-cloud-compute${behind}`, headers }]);
    if (scheme !== 'bearer') expect(received[0]?.authorization).toBeUndefined();
    expect([...one.out, ...one.err].join()).not.toContain('invented');
  });

  it('does not show the address when nothing answers there, because it may hold the credential', async () => {
    const one = await desk({ connection: { webhooks: 'http://127.0.0.1:9' } });
    one.secrets.set(WEBHOOK_SECRET, '{"scheme":"path","current":"invented-credential-1"}');
    expect(await one.type('send', 'prisma-cloud-compute', file('a', '{}'))).toBe(2);
    expect(one.err.join()).toContain('does not answer');
    expect(one.err.join()).not.toContain('invented');
  });

  it('answers no when one of several was refused, and still sends the others', async () => {
    const one = await sender();
    statuses = [413, 202];
    expect(await one.type('send', 'prisma-cloud-compute', file('a', '{}'), file('b', '{}'), '--json')).toBe(1);
    expect(one.out.map((line) => JSON.parse(line).status)).toEqual([413, 202]);
  });

  it('does not follow a redirect, because it would carry the credential to another host', async () => {
    const one = await sender();
    statuses = [307];
    expect(await one.type('send', 'prisma-cloud-compute', file('a', '{}'))).toBe(1);
    expect(received).toHaveLength(1);
  });

  it('sends nothing when one of the files cannot be read, so that half a batch is not on its way', async () => {
    const one = await sender();
    expect(await one.type('send', 'prisma-cloud-compute', file('a', '{}'), join(folder, 'missing'))).toBe(2);
    expect(received).toEqual([]);
  });

  it('names the secret that is not filled, never its value', async () => {
    const one = await sender();
    one.secrets.set(WEBHOOK_SECRET, 'sesame');
    expect(await one.type('send', 'prisma-cloud-compute', file('a', '{}'))).toBe(2);
    expect(one.err).toEqual([
      `Secret ${WEBHOOK_SECRET} has no usable webhook credential: fill it, then run parapet doctor.`,
    ]);
  });
});
