import { describe, expect, it } from 'vitest';
import { memorySecrets } from '../../test/fakes/secrets.ts';
import { recordingTelemetry } from '../../test/fakes/telemetry.ts';
import { credentialCheck } from './credential.ts';

const NAME = 'parapet/prisma-webhook';
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function setUp(secret: unknown = { username: 'prisma', current: 'correct horse' }) {
  const secrets = memorySecrets({ [NAME]: secret });
  const telemetry = recordingTelemetry();
  const clock = { at: Date.parse('2025-10-14T09:16:00Z') };
  const { check } = credentialCheck({ secrets, telemetry, now: () => new Date(clock.at) });
  return { secrets, telemetry, clock, check: (header: string | undefined) => check(NAME, header) };
}

describe('credentialCheck', () => {
  it('takes the right user with the current password, whatever the case of the scheme', async () => {
    const { check } = setUp();
    expect(await check(basic('prisma', 'correct horse'))).toBe('right');
    expect(await check(basic('prisma', 'correct horse').replace('Basic', 'bASIC'))).toBe('right');
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

  it('fetches the secret again when a credential does not match - it may have been changed since', async () => {
    const { check, secrets } = setUp();
    expect(await check(basic('prisma', 'correct horse'))).toBe('right');
    secrets.stored.set(NAME, { username: 'prisma', current: 'changed' });
    expect(await check(basic('prisma', 'changed'))).toBe('right');
    expect(secrets.fetched).toHaveLength(2);
  });

  it('lets nobody force a fetch per request - one per half minute, and none for a header that is no credential', async () => {
    const { check, secrets, clock } = setUp();
    for (let request = 0; request < 50; request += 1) await check(basic('prisma', `guess ${request}`));
    expect(secrets.fetched).toHaveLength(2);
    await check('Bearer guess');
    clock.at += 30_000;
    await check('Bearer guess');
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

  it('decides nothing on a secret whose user has a colon - no sender could ever match it', async () => {
    expect(await setUp({ username: 'a:b', current: 'c' }).check(basic('a', 'b:c'))).toBe('unknown');
  });
});
