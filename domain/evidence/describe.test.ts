import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFact } from '../../test/arbitraries/evidence.ts';
import { MAX_TEXT } from './clean.ts';
import { describeFact } from './describe.ts';
import { factSchema } from './fact.ts';

describe('describeFact', () => {
  it('says every fact in one clean, bounded sentence, whatever an attacker put into it', () => {
    fc.assert(
      fc.property(arbitraryFact, (fact) => {
        expect(factSchema.safeParse(fact).success).toBe(true);
        const text = describeFact(fact);
        expect(text.length).toBeGreaterThan(10);
        expect(text.length).toBeLessThanOrEqual(MAX_TEXT);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
      }),
      { numRuns: 500 },
    );
  });

  it('says that no more is known of an image than its name, however short - a name alone is no sentence', () => {
    expect(describeFact({ kind: 'image', name: '' })).toBe('Image ; no more is told of it.');
    expect(describeFact({ kind: 'image', name: 'a', vulnerabilityCount: 3 })).toBe(
      'Image a, has 3 known vulnerabilities.',
    );
  });

  it('says what ran, who started it and when', () => {
    expect(
      describeFact({
        kind: 'process',
        pid: 4711,
        parentPid: 4690,
        path: '/tmp/.x/xmrig',
        commandLine: '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333',
        user: 'root',
        startedAt: '2025-10-14T09:15:40.000Z',
      }),
    ).toBe(
      'Process 4711 /tmp/.x/xmrig ran as user root at 2025-10-14T09:15:40.000Z, started by process 4690, with command line "/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333".',
    );
  });

  it('says by whose word something was stopped', () => {
    const fact = {
      kind: 'alert' as const,
      findingUid: 'f1',
      title: 'Unexpected process',
      category: 'unexpectedProcess',
      message: 'wget launched',
      severity: 'low' as const,
      occurredAt: '2025-10-14T09:15:40.000Z',
      techniques: [],
    };
    expect(describeFact({ ...fact, effect: 'prevented' })).toBe(`${describeFact(fact)} By its word it was prevented.`);
  });

  it('says score, exploitation and fix of a vulnerability - those three decide what to do about it', () => {
    expect(
      describeFact({
        kind: 'vulnerability',
        cve: 'CVE-2021-44228',
        cvss: 10,
        severity: 'critical',
        packageName: 'org.apache.logging.log4j_log4j-core',
        packageType: 'jar',
        packageVersion: '2.14.1',
        fixedIn: '2.15.0',
        exploitInTheWild: true,
        exploitPublic: true,
        remote: true,
      }),
    ).toBe(
      'CVE-2021-44228 (severity critical, CVSS 10) is in jar package org.apache.logging.log4j_log4j-core 2.14.1: exploited in the wild, an exploit is public, can be attacked over the network; fixed in 2.15.0.',
    );
  });

  it('says package once where the vendor calls the type of a package a package', () => {
    const fact = {
      kind: 'vulnerability' as const,
      cve: 'CVE-2023-44487',
      severity: 'high' as const,
      packageName: 'nghttp2',
      packageVersion: '1.52.0-1',
      exploitInTheWild: false,
      exploitPublic: false,
      remote: false,
    };
    expect(describeFact({ ...fact, packageType: 'package' })).toBe(describeFact(fact));
  });

  it.each([
    [1, ', its only subject.'],
    [2, ' and 1 other subject.'],
    [3, ' and 2 other subjects.'],
  ])('counts the subjects of a binding with %i of them as one would say it', (subjectCount, end) => {
    const text = describeFact({
      kind: 'role-binding',
      bindingKind: 'RoleBinding',
      name: 'checkout-view',
      uid: 'u1',
      roleKind: 'ClusterRole',
      roleName: 'view',
      subject: 'ServiceAccount/payments/checkout',
      subjectCount,
      clusterAdmin: false,
    });
    expect(text).toContain(`to ServiceAccount/payments/checkout${end}`);
  });

  it('keeps the pid and the path of a process whose command line is enormous - a flood must not push facts out', () => {
    const text = describeFact({
      kind: 'process',
      pid: 4711,
      path: '/tmp/.x/xmrig',
      commandLine: 'A'.repeat(1_000_000),
      user: 'root',
    });
    expect(text).toContain('Process 4711 /tmp/.x/xmrig ran as user root');
    expect(text).toMatch(/\[cut: \d+ more\]"\.$/);
  });

  it('does not repeat a password from a command line', () => {
    expect(
      describeFact({ kind: 'process', path: '/usr/bin/psql', commandLine: 'psql password=hunter22' }),
    ).not.toContain('hunter22');
  });
});
