import { describe, expect, it } from 'vitest';
import type { Fact } from '../../evidence/fact.ts';
import { composePack, type EvidenceDraft } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';

const AT = '2025-10-18T22:41:45.660Z';
const ALERT: Fact = {
  kind: 'alert',
  findingUid: 'f-1',
  title: 'Terminal shell in container',
  category: 'Terminal shell in container',
  message: 'A shell was spawned',
  severity: 'medium',
  occurredAt: AT,
  techniques: [],
};
const VOUCHED: Fact = { kind: 'confirmation', confirmed: true, reason: 'AWS authenticated the sender' };
const READ_BACK: Fact = { ...VOUCHED, vendorRecord: 'incident-1' };

function draft(fact: Fact): EvidenceDraft {
  const own = fact.kind === 'confirmation';
  const trust = own ? 'own' : 'attacker_influenced';
  return { source: own ? 'cloud_api' : 'alert', field: 'x', trust, observedAt: AT, fact, entities: [] };
}

function analyse(...facts: readonly Fact[]) {
  return analyseByRules(
    composePack({
      incidentId: 'inc-0123456789abcdef0123',
      workload: { kind: 'pod', cluster: 'prod-eks', namespace: 'catalog', pod: 'search-a', controller: 'search' },
      vendorSeverity: 'medium',
      parts: [
        {
          part: 'alert-details',
          gatheredAt: AT,
          drafts: [ALERT, ...facts].map(draft),
          cost: { calls: 0, bytes: 0, milliseconds: 0 },
        },
      ],
    }),
  );
}
const process = (path: string, commandLine: string, interactive?: boolean): Fact => ({
  kind: 'process',
  pid: 7,
  path,
  commandLine,
  ...(interactive === undefined ? {} : { interactive }),
});

describe('somebody with hands on the keyboard', () => {
  it('shows as an interactive shell; the same shell without a terminal does not', () => {
    expect(analyse(VOUCHED, process('/bin/bash', 'bash', true)).headline).toBe(
      'Suspicious: interactive shell in catalog/search in prod-eks',
    );
    expect(analyse(VOUCHED, process('/bin/bash', 'bash')).headline).not.toMatch(/interactive/);
  });

  it.each([
    ['cat /etc/shadow', 'T1003.008'],
    ['tar cz /root/.ssh/id_ed25519', 'T1552.004'],
    ['grep key /home/app/.aws/credentials', 'T1552.001'],
    ['cp /root/.kube/config /tmp/c', 'T1552.001'],
  ])('shows as a credential file in a command, by what the file holds: %s', (line, technique) => {
    const analysis = analyse(VOUCHED, process('/usr/bin/x', line));
    expect(analysis.headline).toMatch(/credential file read by a command/);
    expect(analysis.techniques.map(({ id }) => id)).toContain(technique);
  });

  it.each(['cat /etc/passwd', 'ls /etc/shadowsocks', 'cat /srv/aws/credentials.md'])('is not seen in %s', (line) => {
    expect(analyse(VOUCHED, process('/usr/bin/x', line)).headline).not.toMatch(/credential file/);
  });

  it('alone is suspicious and never malicious - an administrator does the same', () => {
    const both = analyse(VOUCHED, process('/bin/bash', 'bash', true), {
      ...process('/usr/bin/cat', 'cat /etc/shadow', true),
    });
    expect(both.verdict).toBe('suspicious');
  });
});

describe('a confirmation', () => {
  const told = (fact: Fact) => analyse(fact).narrative.map(({ text }) => text);

  it('without a record says why the alert counts, and not that somebody was asked', () => {
    expect(told(VOUCHED)).toContain('The alert counts as confirmed: AWS authenticated the sender.');
    expect(told(VOUCHED).join(' ')).not.toMatch(/read back/);
  });

  it('with a record says that it was read back', () => {
    expect(told(READ_BACK)).toContain('The alert was read back from the vendor, which confirmed it.');
  });
});
