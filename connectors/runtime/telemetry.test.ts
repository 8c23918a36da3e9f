import { describe, expect, it, vi } from 'vitest';
import { redact, telemetryFor } from './telemetry.ts';

// Shapes of credentials, put together here so that no scanner takes this file for a leak.
const SAMPLES = {
  slack: ['xoxb', '1234567890', 'abcdefABCDEF'].join('-'),
  github: `ghp_${'a1B2'.repeat(9)}`,
  awsKey: `AKIA${'EXAMPLE7'.repeat(2)}`,
  bearer: `Bearer ${'t0ken'.repeat(8)}`,
  basic: `Basic ${Buffer.from('user:example-password').toString('base64')}`,
  eks: `k8s-aws-v1.${'aHR0cHM'.repeat(6)}`,
  jwt: ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJleGFtcGxlIn0', 'c2lnbmF0dXJlc2lnbmF0dXJl'].join('.'),
  hex: 'deadbeef'.repeat(12),
};

describe('redact', () => {
  it.each(Object.entries(SAMPLES))('hides a %s credential inside a harmless text', (_, value) => {
    expect(JSON.stringify(redact({ note: `seen ${value} in an answer` }))).not.toContain(value);
  });

  it('hides whatever stands under a telling key, however deep', () => {
    expect(redact({ a: [{ taskToken: 'AAAA', nested: { Authorization: 'x', Password: 'y' } }] })).toEqual({
      a: [{ taskToken: '[secret]', nested: { Authorization: '[secret]', Password: '[secret]' } }],
    });
  });

  it('keeps digests and ids - a log without them is of no use', () => {
    const kept = { sha256: 'ab'.repeat(32), incidentId: 'inc-0123456789abcdef0123' };
    expect(redact(kept)).toEqual(kept);
  });
});

describe('telemetry', () => {
  it('writes no credential to the log, not even one inside an error that is passed as the cause', () => {
    const lines: string[] = [];
    // The logger has a console of its own, which writes to the process's streams.
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((chunk) => {
        lines.push(String(chunk));
        return true;
      });
    }
    const { telemetry } = telemetryFor('test');
    telemetry.info('seen', { header: SAMPLES.bearer, taskToken: 'plain-token-value' });
    telemetry.error(
      'failed',
      { incidentId: 'inc-1' },
      new Error(`refused ${SAMPLES.jwt}`, { cause: new Error(SAMPLES.slack) }),
    );
    vi.restoreAllMocks();
    const log = lines.join('\n');
    for (const value of [...Object.values(SAMPLES), 'plain-token-value']) expect(log).not.toContain(value);
    expect(log).toContain('inc-1');
  });
});
