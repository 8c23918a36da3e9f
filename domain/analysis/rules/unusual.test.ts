import { describe, expect, it } from 'vitest';
import { cryptoMinerParts } from '../../../test/stories/crypto-miner.ts';
import type { Fact, FactOf } from '../../evidence/fact.ts';
import { composePack, type EvidenceDraft } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';
import { countedAnomalies } from './anomalies.ts';

const NEW: FactOf<'anomaly'> = {
  kind: 'anomaly',
  dimension: 'process',
  value: '/tmp/.x/xmrig',
  neverSeenBefore: true,
  observedForDays: 12.5,
  sharedByReplicas: 2,
  basis: 'findings',
};

function draft(fact: Fact): EvidenceDraft {
  return {
    source: 'history',
    field: 'baseline',
    trust: 'own',
    observedAt: '2025-10-14T09:18:30.000Z',
    fact,
    entities: [],
  };
}

function pack(facts: readonly Fact[], without: readonly Fact['kind'][] = []) {
  const parts = cryptoMinerParts().map((part) => ({
    ...part,
    drafts: [
      ...part.drafts.filter(({ fact }) => !without.includes(fact.kind)),
      ...(part.part === 'baseline' ? facts.map(draft) : []),
    ],
  }));
  return composePack({
    incidentId: 'inc-0123456789abcdef0123',
    workload: { kind: 'pod', cluster: 'prod-eks', namespace: 'payments', pod: 'checkout-a', controller: 'checkout' },
    vendorSeverity: 'high',
    parts,
  });
}
const told = (facts: readonly Fact[]) => analyseByRules(pack(facts)).narrative.map(({ text }) => text);

describe('what is unusual', () => {
  it('is told with how long nobody saw it, and at how many replicas', () => {
    expect(told([NEW]).filter((text) => text.includes('was never seen at this workload'))).toEqual([
      expect.stringMatching(
        /^Process \/tmp\/\.x\/xmrig was never seen at this workload in 12\.5 days of observation; it was seen at 2( of \d+)? replicas\.$/,
      ),
    ]);
  });

  it('is told together with the change just before it and whose workload it is', () => {
    const owner: Fact = { kind: 'ownership', subject: 'checkout', team: 'payments-team', tags: {} };
    const change = told([NEW, owner]).find((text) => text.startsWith('What is new appeared'));
    expect(change).toContain('of payments-team, was changed to revision 7 at 2025-10-14 08:59:30 UTC');
    expect(told([owner]).some((text) => text.startsWith('What is new appeared'))).toBe(false);
  });

  it('names incidents that share something', () => {
    const linked: Fact = {
      kind: 'linked-incident',
      incidentId: 'inc-other',
      openedAt: '2025-10-13T00:00:00.000Z',
      shared: [{ what: 'ip', value: '203.0.113.50' }],
      workload: 'shop/cart in prod-eks',
    };
    expect(told([linked])).toContain(
      'Incident inc-other of shop/cart in prod-eks, opened at 2025-10-13 00:00:00 UTC, shares ip 203.0.113.50 with this one.',
    );
  });

  it.each([
    ['counts when observation was long', NEW, 1],
    ['does not count after a day of observation', { ...NEW, observedForDays: 1 }, 0],
    ["does not count when the vendor's profile lists it", { ...NEW, value: '/usr/bin/java' }, 0],
    ['does not count as a user', { ...NEW, dimension: 'user', value: 'app' }, 0],
    ['does not count when it was seen before', { ...NEW, neverSeenBefore: false }, 0],
  ] as const)('%s', (_, fact, count) => expect(countedAnomalies(pack([fact]))).toHaveLength(count));

  it('strengthens a judgement and never weakens one - its absence is no excuse (rule 1)', () => {
    const rank = ['low', 'medium', 'high'];
    for (const without of [
      [],
      ['learned-behaviour'],
      ['process'],
      ['learned-behaviour', 'process', 'connection'],
    ] as const) {
      const plain = analyseByRules(pack([], without));
      const stronger = analyseByRules(pack([NEW], without));
      expect(rank.indexOf(stronger.confidence)).toBeGreaterThanOrEqual(rank.indexOf(plain.confidence));
      if (plain.verdict === 'malicious') expect(stronger.verdict).toBe('malicious');
    }
  });
});
