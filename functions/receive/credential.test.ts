import { describe, expect, it } from 'vitest';
import { memorySecrets } from '../../test/fakes/secrets.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { credentialCheck, type Presented } from './credential.ts';

const NAME = 'parapet/prisma-webhook';
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function presenting(headers: Readonly<Record<string, string | undefined>>, pathSecret?: string): Presented {
  return { header: (name) => headers[name], pathSecret };
}

function setUp(secret: unknown = { username: 'prisma', current: 'correct horse' }) {
  const secrets = memorySecrets({ [NAME]: secret });
  const telemetry = recordingTelemetry();
  const clock = { at: Date.parse('2025-10-14T09:16:00Z') };
  const { check } = credentialCheck({ secrets, telemetry, now: () => new Date(clock.at) });
  return {
    secrets,
    telemetry,
    clock,
    present: (request: Presented) => check(NAME, request),
    check: (authorization: string | undefined) => check(NAME, presenting({ authorization })),
  };
}

describe('credentialCheck of scheme basic', () => {
  it('takes the right user with the current password, whatever the case of the scheme', async () => {
    const { check } = setUp();
    expect(await check(basic('prisma', 'correct horse'))).toBe('right');
    expect(await check(basic('prisma', 'correct horse').replace('Basic', 'bASIC'))).toBe('right');
  });

  it('is what a secret without a scheme means - and what it says with one', async () => {
    const { check } = setUp({ scheme: 'basic', username: 'prisma', current: 'correct horse' });
    expect(await check(basic('prisma', 'correct horse'))).toBe('right');
  });

  it.each([
    ['another password', basic('prisma', 'wrong')],
    ['another user', basic('admin', 'correct horse')],
    ['an empty password', basic('prisma', '')],
    ['the password with a line end', basic('prisma', 'correct horse\n')],
    ['no header', undefined],
    ['an empty header', ''],
    ['a bearer token', 'Bearer correct horse'],
    ['base64 with foreign characters', 'Basic cHJpc21hOmNvcnJlY3Q*aG9yc2U='],
    ['two credentials in one header', `${basic('prisma', 'correct horse')}, ${basic('a', 'b')}`],
    ['a header of a megabyte', `Basic ${'A'.repeat(1_000_000)}`],
  ])('refuses %s', async (_, header) => {
    expect(await setUp().check(header)).toBe('wrong');
  });

  it('takes a password with a colon and one in UTF-8 - only the user may not contain a colon', async () => {
    const { check } = setUp({ username: 'prisma', current: 'a:b:ü' });
    expect(await check(basic('prisma', 'a:b:ü'))).toBe('right');
  });

  it('takes the previous password while the sender is being changed, and no longer after its end', async () => {
    const { check, clock } = setUp({
      username: 'prisma',
      current: 'new one',
      previous: 'old one',
      previousValidUntil: '2025-10-14T10:00:00Z',
    });
    expect(await check(basic('prisma', 'old one'))).toBe('right');
    expect(await check(basic('prisma', 'new one'))).toBe('right');
    clock.at = Date.parse('2025-10-14T10:00:00Z');
    expect(await check(basic('prisma', 'old one'))).toBe('wrong');
    expect(await check(basic('prisma', 'new one'))).toBe('right');
  });

  it('takes the credentials of further senders, each with its own user and its own end', async () => {
    const { check, clock } = setUp({
      username: 'prisma',
      current: 'one',
      also: [
        { username: 'second-console', value: 'two' },
        { value: 'three', validUntil: '2025-10-14T10:00:00Z' },
      ],
    });
    for (const right of [basic('prisma', 'one'), basic('second-console', 'two'), basic('prisma', 'three')]) {
      expect(await check(right)).toBe('right');
    }
    expect(await check(basic('prisma', 'two'))).toBe('wrong');
    clock.at = Date.parse('2025-10-14T10:00:00Z');
    expect(await check(basic('prisma', 'three'))).toBe('wrong');
    expect(await check(basic('second-console', 'two'))).toBe('right');
  });
});

const LIVE = { current: 'current-current-1', previous: 'previous-previous', also: [{ value: 'another-another-1' }] };

describe.each([
  ['bearer', {}, (value: string) => presenting({ authorization: `Bearer ${value}` })],
  ['header', { header: 'X-Parapet-Token' }, (value: string) => presenting({ 'x-parapet-token': value })],
  ['path', {}, (value: string) => presenting({}, value)],
] as const)('credentialCheck of scheme %s', (scheme, fields, sent) => {
  it('takes every live credential and no other one', async () => {
    const { present } = setUp({ scheme, ...fields, ...LIVE });
    for (const right of ['current-current-1', 'previous-previous', 'another-another-1']) {
      expect(await present(sent(right))).toBe('right');
    }
    for (const wrong of ['current-current-', 'current-current-12', 'CURRENT-CURRENT-1', '', 'x'.repeat(5_000)]) {
      expect(await present(sent(wrong))).toBe('wrong');
    }
    expect(await present(presenting({}))).toBe('wrong');
  });

  it('ends each credential at its own time', async () => {
    const end = '2025-10-14T10:00:00Z';
    const also = [{ value: 'another-another-1', validUntil: end }];
    const { present, clock } = setUp({ scheme, ...fields, ...LIVE, previousValidUntil: end, also });
    clock.at = Date.parse(end);
    expect(await present(sent('current-current-1'))).toBe('right');
    expect(await present(sent('previous-previous'))).toBe('wrong');
    expect(await present(sent('another-another-1'))).toBe('wrong');
  });

  it('takes the credential in no other place than its own', async () => {
    const { present } = setUp({ scheme, ...fields, ...LIVE });
    const others = [
      presenting({ authorization: 'current-current-1' }),
      presenting({ authorization: basic('parapet', 'current-current-1') }),
      ...(scheme === 'bearer' ? [] : [presenting({ authorization: 'Bearer current-current-1' })]),
      ...(scheme === 'header' ? [] : [presenting({ 'x-parapet-token': 'current-current-1' })]),
      ...(scheme === 'path' ? [] : [presenting({}, 'current-current-1')]),
    ];
    for (const other of others) expect(await present(other)).toBe('wrong');
  });

  it('fetches the secret again when a credential does not match - it may have been changed since', async () => {
    const { present, secrets } = setUp({ scheme, ...fields, ...LIVE });
    expect(await present(sent('current-current-1'))).toBe('right');
    secrets.stored.set(NAME, { scheme, ...fields, current: 'changed-changed-1' });
    expect(await present(sent('changed-changed-1'))).toBe('right');
    expect(secrets.fetched).toHaveLength(2);
  });
});

describe('credentialCheck', () => {
  it('refuses a right credential at an address with a part too many - it may be a secret sent to the wrong source', async () => {
    const { present } = setUp();
    expect(await present(presenting({ authorization: basic('prisma', 'correct horse') }, 'extra'))).toBe('wrong');
  });

  it('follows a change of the form, because a person changes form and credential together', async () => {
    const { present, secrets } = setUp();
    expect(await present(presenting({ authorization: basic('prisma', 'correct horse') }))).toBe('right');
    secrets.stored.set(NAME, { scheme: 'path', current: 'a-new-path-secret' });
    expect(await present(presenting({}, 'a-new-path-secret'))).toBe('right');
  });

  it('lets nobody force a fetch per request - one per half minute, and none for a request without any credential', async () => {
    const { check, secrets, clock } = setUp();
    for (let request = 0; request < 50; request += 1) await check(basic('prisma', `guess ${request}`));
    expect(secrets.fetched).toHaveLength(2);
    clock.at += 30_000;
    await check(undefined);
    expect(secrets.fetched).toHaveLength(2);
    await check(basic('prisma', 'guess'));
    expect(secrets.fetched).toHaveLength(3);
  });

  it('goes on with the last readable secret for an hour when Secrets Manager does not answer, and says so', async () => {
    const { check, secrets, clock, telemetry } = setUp();
    await check(basic('prisma', 'correct horse'));
    secrets.unavailable = true;
    clock.at += 59 * 60_000;
    expect(await check(basic('prisma', 'correct horse'))).toBe('right');
    expect(await check(basic('prisma', 'wrong'))).toBe('wrong');
    expect(telemetry.counted('WebhookSecretUnreadable')).toBeGreaterThan(0);
    clock.at += 60_000;
    expect(await check(basic('prisma', 'correct horse'))).toBe('unknown');
  });

  it('decides nothing when the secret was never readable', async () => {
    const { check, secrets } = setUp();
    secrets.unavailable = true;
    expect(await check(basic('prisma', 'correct horse'))).toBe('unknown');
  });

  it.each([
    ['a user with a colon, which no sender could match', { username: 'a:b', current: 'c' }],
    ['a form we do not know', { scheme: 'digest', username: 'a', current: 'c' }],
    ['a path secret a person could guess', { scheme: 'path', current: 'short' }],
    ['a path secret that proxies would encode', { scheme: 'path', current: 'sixteen letters/and' }],
    ['a header that is none', { scheme: 'header', header: 'x token', current: 'c' }],
    ['the placeholder', { placeholder: 'true' }],
  ])('decides nothing on a secret with %s', async (_, secret) => {
    expect(await setUp(secret).check(basic('a', 'b:c'))).toBe('unknown');
  });
});
