import { describe, expect, it } from 'vitest';
import { writtenConfiguration } from '../../test/fakes/configuration.ts';
import { configurationSchema } from './schema.ts';

const withServer = (server: string) =>
  writtenConfiguration({ clusters: [{ name: 'c', server, readSecret: 'r', writeSecret: 'w' }] });
const accepts = (value: unknown) => configurationSchema.safeParse(value).success;

describe('addresses of services', () => {
  it.each(['https://kubernetes.example.com', 'http://127.0.0.1:4581', 'http://localhost:4581', 'http://[::1]:4581'])(
    'takes %s',
    (url) => {
      expect(accepts(withServer(url))).toBe(true);
    },
  );

  it.each([
    'http://kubernetes.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://localhost@example.com',
    'ftp://example.com',
    'javascript:alert(1)',
    'kubernetes.example.com',
    '',
  ])('refuses %j - a token must not cross a network in the clear', (url) => {
    expect(accepts(withServer(url))).toBe(false);
  });
});

describe('names of secrets', () => {
  const withSecret = (linkSecret: string) => writtenConfiguration({ approvals: { linkSecret } });

  it('takes the characters Secrets Manager allows', () => {
    expect(accepts(withSecret('parapet/approval-links_v2+a=b.c@d'))).toBe(true);
  });

  it.each(['', 'with space', 'a'.repeat(257), '{"current":"the secret itself"}'])('refuses %j', (name) => {
    expect(accepts(withSecret(name))).toBe(false);
  });
});

describe('networks a webhook is taken from', () => {
  const withNetwork = (allowedNetworks: unknown) =>
    writtenConfiguration({
      sources: {
        'prisma-cloud-compute': {
          webhook: { secret: 's', allowedNetworks },
          api: { baseUrl: 'https://compute.example.com', readSecret: 'r' },
        },
      },
    });

  it.each(['203.0.113.0/24', '203.0.113.7/32', '2001:db8::/32'])('takes %s', (network) => {
    expect(accepts(withNetwork([network]))).toBe(true);
  });

  it.each(['203.0.113.7', 'example.com', '203.0.113.0/24; DROP', '*'])('refuses %j', (network) => {
    expect(accepts(withNetwork([network]))).toBe(false);
  });

  it('refuses an empty list - everybody must be said', () => {
    expect(accepts(withNetwork([]))).toBe(false);
  });
});

describe('rollout and actions', () => {
  it('takes no automatic gate: what runs without a person is decided by the phase, not by the action', () => {
    expect(accepts(writtenConfiguration({ actions: { 'kubernetes.quarantine-pod': { gate: 'automatic' } } }))).toBe(
      false,
    );
  });

  it('takes no action that is not in the catalogue', () => {
    expect(accepts(writtenConfiguration({ actions: { 'kubernetes.delete-namespace': { gate: 'ask' } } }))).toBe(false);
  });

  it('takes no approval that waits longer than a week', () => {
    expect(accepts(writtenConfiguration({ approvals: { expiresAfterSeconds: 7 * 24 * 3600 } }))).toBe(true);
    expect(accepts(writtenConfiguration({ approvals: { expiresAfterSeconds: 7 * 24 * 3600 + 1 } }))).toBe(false);
  });
});
