import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { realHttp } from '../../connectors/http/request.ts';
import { SecretError } from '../../connectors/secrets/secrets.ts';
import { vaultSecrets } from '../../connectors/secrets/vault/client.ts';
import { secretStoreSchema } from '../../domain/config/secrets.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type VaultSandbox, vaultSandbox } from '../../local/sandbox/vault/vault.ts';

const schema = z.object({ username: z.string(), password: z.string().min(1) });
const READER = { accessKeyId: 'AKIAEXAMPLEREADER', secretAccessKey: 'invented-reader-key' };
const WRITER = { accessKeyId: 'AKIAEXAMPLEWRITER', secretAccessKey: 'invented-writer-key' };
const ARN = { reader: 'arn:aws:iam::111122223333:role/reader', writer: 'arn:aws:iam::111122223333:role/writer' };
const READ = 'security/parapet/wiz-read';
const WRITE = 'security/parapet/cluster-write';

let clock: number;
let vault: VaultSandbox;
let server: SandboxServer;

beforeEach(async () => {
  clock = Date.parse('2026-11-22T10:00:00Z');
  vault = vaultSandbox(
    {
      namespace: 'platform',
      authMount: 'aws',
      kvMount: 'secret',
      serverId: 'vault.example.com',
      region: 'eu-central-1',
      principals: {
        [READER.accessKeyId]: { secretAccessKey: READER.secretAccessKey, arn: ARN.reader },
        [WRITER.accessKeyId]: { secretAccessKey: WRITER.secretAccessKey, arn: ARN.writer },
      },
      roles: {
        'parapet-read': { boundArn: ARN.reader, reads: [READ, 'security/parapet/none'], ttlSeconds: 900 },
        'parapet-write': { boundArn: ARN.writer, reads: [WRITE], ttlSeconds: 900 },
      },
      secrets: {
        [READ]: { username: 'parapet', password: 'hunter2' },
        [WRITE]: { username: 'responder', password: 'hunter3' },
      },
    },
    () => clock,
  );
  server = await serve({ systems: { vault }, mount: 'prefix' });
});
afterEach(() => server.close());

function secrets(options: { role?: string; who?: typeof READER; settings?: object; sessionToken?: string } = {}) {
  const { role = 'parapet-read', who = READER } = options;
  return vaultSecrets({
    http: { ...realHttp, sleep: async () => undefined },
    settings: secretStoreSchema.parse({
      kind: 'vault',
      address: `${server.url}/vault`,
      namespace: 'platform',
      role: 'parapet-read',
      writeRole: 'parapet-write',
      pathPrefix: 'security/parapet',
      serverId: 'vault.example.com',
      ...options.settings,
    }),
    role,
    credentials: async () => ({ ...who, sessionToken: options.sessionToken }),
    region: async () => 'eu-central-1',
    now: () => new Date(clock),
  });
}
const received = () => server.calls.map(({ method, path }) => `${method} ${path}`);
const LOGIN = 'POST /v1/auth/aws/login';
const GET = 'GET /v1/secret/data/security/parapet/wiz-read';

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(SecretError);
  return String(error);
}

describe('secrets of Vault', () => {
  it('logs in with the signed identity of the function and reads the nested value - no secret is needed to get a secret', async () => {
    expect(await secrets({ sessionToken: 'invented-session' }).get('wiz-read', schema)).toEqual({
      username: 'parapet',
      password: 'hunter2',
    });
    expect(received()).toEqual([LOGIN, GET]);
    expect(vault.logins).toEqual([{ role: 'parapet-read', arn: ARN.reader }]);
  });

  it('answers from memory for five minutes, also when many ask at once - an alert must not pay two calls', async () => {
    const store = secrets();
    await Promise.all(Array.from({ length: 10 }, () => store.get('wiz-read', schema)));
    clock += 299_000;
    await store.get('wiz-read', schema);
    expect(received()).toEqual([LOGIN, GET]);
    clock += 2_000;
    await store.get('wiz-read', schema);
    expect(received()).toEqual([LOGIN, GET, GET]);
  });

  it('reads again when asked for a fresh value - a rotated secret is learned without a new deployment', async () => {
    const store = secrets();
    await store.get('wiz-read', schema);
    vault.put(READ, { username: 'parapet', password: 'rotated' });
    expect(await store.get('wiz-read', schema)).toHaveProperty('password', 'hunter2');
    expect(await store.get('wiz-read', schema, { fresh: true })).toHaveProperty('password', 'rotated');
  });

  it('logs in once more when its token is refused - a revoked token is no reason to fail', async () => {
    const store = secrets();
    await store.get('wiz-read', schema);
    vault.revokeTokens();
    expect(await store.get('wiz-read', schema, { fresh: true })).toHaveProperty('username', 'parapet');
    expect(received()).toEqual([LOGIN, GET, GET, LOGIN, GET]);
  });

  it('does not log in for ever when the policy refuses - twice is an answer', async () => {
    const reason = await refusalOf(secrets().get('cluster-write', schema));
    expect(reason).toContain('may not read it');
    const path = 'GET /v1/secret/data/security/parapet/cluster-write';
    expect(received()).toEqual([LOGIN, path, LOGIN, path]);
  });

  it('logs in anew before the lease ends - a token must not die between two calls', async () => {
    const store = secrets();
    await store.get('wiz-read', schema);
    clock += 719_000;
    await store.get('wiz-read', schema);
    expect(vault.logins).toHaveLength(1);
    clock += 301_000;
    await store.get('wiz-read', schema);
    expect(vault.logins).toHaveLength(2);
    expect(received()).toEqual([LOGIN, GET, GET, LOGIN, GET]);
  });

  it('serves the value it has for an hour while Vault is sealed, but never a value that was refused', async () => {
    const store = secrets();
    await store.get('wiz-read', schema);
    vault.seal();
    clock += 3_000_000;
    expect(await store.get('wiz-read', schema)).toHaveProperty('password', 'hunter2');
    expect(await refusalOf(store.get('wiz-read', schema, { fresh: true }))).toContain('sealed');
    clock += 601_000;
    expect(await refusalOf(store.get('wiz-read', schema))).toContain('sealed');
    vault.unseal();
    expect(await store.get('wiz-read', schema)).toHaveProperty('password', 'hunter2');
  });

  it('waits out a Vault that is busy for a moment', async () => {
    server.misbehave({ system: 'vault', reply: { status: 503, body: '{"errors":["Vault is sealed"]}' } });
    expect(await secrets().get('wiz-read', schema)).toHaveProperty('username', 'parapet');
    expect(received()).toEqual([LOGIN, LOGIN, GET]);
  });

  it('keeps read and write apart: the reading role sees no write credential, and the writing role logs in as itself', async () => {
    expect(await secrets({ role: 'parapet-write', who: WRITER }).get('cluster-write', schema)).toHaveProperty(
      'username',
      'responder',
    );
    await refusalOf(secrets({ role: 'parapet-write', who: READER }).get('cluster-write', schema));
    await refusalOf(secrets({ role: 'parapet-write', who: WRITER }).get('wiz-read', schema));
  });

  it.each([
    ['another auth mount', { authMount: 'aws-eu' }, 'nothing at that path'],
    ['another KV mount', { kvMount: 'kv' }, 'nothing at that path'],
    ['another namespace', { namespace: 'other' }, 'nothing at that path'],
    ['another region of STS', { stsRegion: 'us-east-1' }, 'STS region'],
    ['a server id of another Vault', { serverId: 'elsewhere.example.com' }, 'not accepted'],
  ])('says what to check for %s', async (_, settings, words) => {
    expect(await refusalOf(secrets({ settings }).get('wiz-read', schema))).toContain(words);
  });

  it('refuses a wrong key and a clock that is far off, as AWS does', async () => {
    await refusalOf(secrets({ who: { ...READER, secretAccessKey: 'guessed' } }).get('wiz-read', schema));
    const store = vaultSecretsAt(clock - 3_600_000);
    await refusalOf(store.get('wiz-read', schema));
  });

  it.each(['../../sys/raw/core', 'a//b', './x', ''])(
    'asks nothing for %j - a name is no way out of the mount',
    async (name) => {
      await refusalOf(secrets().get(name, schema));
      expect(received().filter((call) => call.startsWith('GET'))).toEqual([]);
    },
  );

  it.each([
    ['text', 'hunter2 in the clear'],
    ['another shape', '{"data":{"password":"hunter2"}}'],
    ['a deleted version', '{"data":{"data":null,"metadata":{"deletion_time":"2026-01-01T00:00:00Z"}}}'],
    ['a missing field', '{"data":{"data":{"username":"hunter2"}}}'],
  ])('never tells the value when the answer is %s', async (_, body) => {
    server.misbehave({ system: 'vault', path: '/data/', reply: { status: 200, body } });
    const error: unknown = await secrets()
      .get('wiz-read', schema)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SecretError);
    const told = `${String(error)} ${error instanceof Error ? `${String(error.cause)} ${error.stack ?? ''}` : ''}`;
    expect(told).not.toContain('hunter2');
  });
});

function vaultSecretsAt(time: number) {
  return vaultSecrets({
    http: { ...realHttp, sleep: async () => undefined },
    settings: secretStoreSchema.parse({
      kind: 'vault',
      address: `${server.url}/vault`,
      namespace: 'platform',
      role: 'parapet-read',
      serverId: 'vault.example.com',
    }),
    role: 'parapet-read',
    credentials: async () => READER,
    region: async () => 'eu-central-1',
    now: () => new Date(time),
  });
}
