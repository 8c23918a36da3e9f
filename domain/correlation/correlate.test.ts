import { describe, expect, it } from 'vitest';
import { WORKLOAD } from '../../test/stories/crypto-miner.ts';
import { behavioursOf } from '../analysis/rules/behaviours.ts';
import { processTree } from '../analysis/rules/process-tree.ts';
import type { Fact, FactOf } from '../evidence/fact.ts';
import { composePack, type EvidenceDraft, type EvidencePack, type EvidencePartName } from '../evidence/pack.ts';
import { present } from '../ocsf/present.ts';
import { CASES, DIGEST } from './cases.ts';
import { type Correlated, correlate } from './correlate.ts';

const AT = '2025-10-14T09:18:30.000Z';

const LOG4SHELL: FactOf<'vulnerability'> = {
  kind: 'vulnerability',
  cve: 'CVE-2021-44228',
  cvss: 10,
  cvssVector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
  severity: 'critical',
  packageName: 'org.apache.logging.log4j_log4j-core',
  packageType: 'jar',
  packageVersion: '2.14.1',
  fixedIn: '2.15.0',
  imageDigest: DIGEST,
  exploitInTheWild: false,
  exploitPublic: false,
  remote: false,
};

function packOf(facts: readonly Fact[], workload: EvidencePack['workload'] = WORKLOAD): EvidencePack {
  const draft = (fact: Fact): EvidenceDraft => ({
    source: fact.kind === 'exploit-knowledge' ? 'vuln_db' : 'cwpp_api',
    field: 'test',
    trust: fact.kind === 'process' ? 'attacker_influenced' : 'vendor',
    observedAt: AT,
    fact,
    entities: fact.kind === 'vulnerability' ? [{ kind: 'image', canonical: DIGEST, label: 'app:1' }] : [],
  });
  const part: EvidencePartName = 'runtime-activity';
  return composePack({
    incidentId: 'inc-case',
    workload,
    vendorSeverity: 'high',
    parts: [{ part, gatheredAt: AT, drafts: facts.map(draft), cost: { calls: 0, bytes: 0, milliseconds: 0 } }],
  });
}

function correlated(facts: readonly Fact[], workload?: EvidencePack['workload']): Correlated[] {
  const pack = packOf(facts, workload);
  const tree = processTree(pack);
  return correlate(pack, tree, behavioursOf(pack, tree));
}

describe('correlate', () => {
  it('has at least forty labelled cases, several of each relevance - one direction alone is no measure', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(40);
    const counts = new Map<string, number>();
    for (const { relevance } of CASES) counts.set(relevance, (counts.get(relevance) ?? 0) + 1);
    for (const relevance of ['exploited', 'likely_exploited', 'reachable', 'present', 'not_relevant'])
      expect(counts.get(relevance) ?? 0, relevance).toBeGreaterThanOrEqual(4);
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
  });

  it.each(CASES.map((one) => [one.name, one] as const))(
    '%s',
    (_name, { vulnerability, facts, workload, relevance, reason }) => {
      const fact = present({ ...LOG4SHELL, ...vulnerability });
      const [found] = correlated([fact, ...facts], workload === 'host' ? { kind: 'host', host: 'h1' } : undefined);
      expect(found?.relevance).toBe(relevance);
      expect(found?.rationale).toMatch(reason);
    },
  );

  it('shows the way from the process to the fix, each link with its evidence', () => {
    const [found] = correlated([
      { ...LOG4SHELL, remote: true },
      { kind: 'process', pid: 1, path: '/usr/bin/java' },
      {
        kind: 'exploit-knowledge',
        cve: 'CVE-2021-44228',
        knownExploited: { since: '2021-12-10', ransomware: true, action: 'Update.' },
        epss: { probability: 0.944, percentile: 0.999, on: '2025-10-14' },
        fixedIn: [],
      },
    ]);
    expect(found?.chain.map(({ step, name, items }) => [step, name, items.map(({ id }) => id)])).toEqual([
      ['process', '1 /usr/bin/java', ['E2']],
      ['file', '/usr/bin/java', ['E2']],
      ['package', 'org.apache.logging.log4j_log4j-core 2.14.1', ['E1']],
      ['image', DIGEST, ['E1']],
      ['vulnerability', 'CVE-2021-44228, CVSS 10', ['E1']],
      [
        'exploit-knowledge',
        'is exploited in the wild (CISA since 2021-12-10, also by ransomware and EPSS 94.4 %)',
        ['E1', 'E3'],
      ],
      ['fix', 'fixed in 2.15.0', ['E1']],
    ]);
  });

  it('takes the fix from the advisory where the vendor names none, on the branch that is installed', () => {
    const { fixedIn: _, ...unfixed } = LOG4SHELL;
    const advisory = (...versions: readonly string[]): Fact => ({
      kind: 'exploit-knowledge',
      cve: 'CVE-2021-44228',
      fixedIn: versions.map((version) => ({
        packageName: 'org.apache.logging.log4j:log4j-core',
        ecosystem: 'Maven',
        version,
      })),
    });
    const fixes = (...facts: readonly Fact[]) => correlated(facts).map(({ fixedIn }) => fixedIn);
    expect(fixes(unfixed)).toEqual([undefined]);
    expect(fixes(unfixed, advisory('2.15.0'))).toEqual(['2.15.0']);
    expect(fixes(unfixed, advisory('2.3.1', '2.14.9'))).toEqual(['2.14.9']);
    // Two branches and neither is the installed one: no version is better than a wrong one.
    expect(fixes(unfixed, advisory('2.3.1', '2.12.2'))).toEqual([undefined]);
    expect(fixes(LOG4SHELL, advisory('2.99.0'))).toEqual(['2.15.0']);
  });

  it('believes no exploit knowledge that a workload could have written', () => {
    const pack = packOf([
      { ...LOG4SHELL, remote: true },
      { kind: 'process', pid: 1, path: '/usr/bin/java' },
    ]);
    const forged = {
      ...pack,
      items: [
        ...pack.items,
        ...packOf([
          {
            kind: 'exploit-knowledge',
            cve: 'CVE-2021-44228',
            knownExploited: { since: '2021-12-10', ransomware: true, action: 'x' },
            fixedIn: [],
          },
        ]).items.map((item) => ({ ...item, id: 'E9', trust: 'attacker_influenced' as const })),
      ],
    };
    const tree = processTree(forged);
    expect(correlate(forged, tree, behavioursOf(forged, tree))[0]?.knowledge.active).toBe(false);
  });

  it('puts the most relevant first, and of equals the one that is attacked elsewhere', () => {
    const order = correlated([
      { ...LOG4SHELL, cve: 'CVE-2020-0001', cvss: 9.9, packageType: 'nodejs' },
      { ...LOG4SHELL, cve: 'CVE-2020-0002', cvss: 9.9 },
      { ...LOG4SHELL, cve: 'CVE-2020-0003', cvss: 9.1 },
      { kind: 'process', pid: 1, path: '/usr/bin/java' },
      {
        kind: 'exploit-knowledge',
        cve: 'cve-2020-0003',
        epss: { probability: 0.6, percentile: 1, on: 'x' },
        fixedIn: [],
      },
    ]);
    expect(order.map(({ piece }) => piece.fact.cve)).toEqual(['CVE-2020-0003', 'CVE-2020-0002', 'CVE-2020-0001']);
  });
});
