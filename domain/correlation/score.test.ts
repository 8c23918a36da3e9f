import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFact } from '../../test/arbitraries/evidence.ts';
import { anyPack } from '../../test/arbitraries/story.ts';
import { cryptoMinerPack, cryptoMinerParts, packOf, storyWith } from '../../test/stories/crypto-miner.ts';
import type { AnalysisBody } from '../analysis/analysis.ts';
import { analyseByRules } from '../analysis/rules/analyse.ts';
import type { Fact } from '../evidence/fact.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import { WEIGHTS } from './score.ts';

type Score = NonNullable<AnalysisBody['environmentScore']>;

function scored(pack: EvidencePack): Score {
  const { environmentScore } = analyseByRules(pack);
  if (environmentScore === undefined) throw new Error('the analysis has no score');
  return environmentScore;
}

/** The story with one more fact, as its part would have read it. */
function storyAnd(fact: Fact, trust: 'own' | 'attacker_influenced' = 'own'): EvidencePack {
  return packOf(
    cryptoMinerParts().map((part) =>
      part.part === 'network'
        ? {
            ...part,
            drafts: [
              ...part.drafts,
              { source: 'cwpp_api', field: 'test', trust, observedAt: part.gatheredAt, fact, entities: [] },
            ],
          }
        : part,
    ),
  );
}

const pointsOf = ({ parts }: Score) => Object.fromEntries(parts.map(({ name, points }) => [name, points]));

describe('the environment score', () => {
  it('weighs what was seen, who can get there, what it may do and what is known of the way in', () => {
    expect(scored(cryptoMinerPack())).toMatchObject({
      score: 83,
      parts: [
        { name: 'runtime behaviour', points: 40, of: 40, reason: 'malicious behaviour was observed' },
        { name: 'exposure', points: 5, of: 20, reason: expect.stringContaining('inside its cluster only') },
        { name: 'privileges', points: 20, of: 20, reason: 'service account payments/checkout is cluster-admin' },
        {
          name: 'exploit knowledge',
          points: 18,
          of: 20,
          reason: 'CVE-2021-44228 was likely exploited here and is exploited in the wild',
        },
      ],
    });
  });

  it('rises with an exposure to the internet, and says so', () => {
    const exposure: Fact = {
      kind: 'exposure',
      subject: 'checkout',
      reachableFromInternet: true,
      ports: ['443'],
      path: [],
      basis: 'load balancer',
    };
    expect(scored(storyAnd(exposure))).toMatchObject({ score: 98 });
  });

  it('counts an administrator of the cloud as much as one of the cluster', () => {
    const quiet = storyWith((draft) => (draft.fact.kind === 'role-binding' ? undefined : draft));
    expect(pointsOf(scored(quiet))['privileges']).toBe(5);
    const admin: Fact = {
      kind: 'cloud-identity',
      name: 'app-role',
      identityKind: 'role',
      permissions: [],
      admin: true,
      basis: 'x',
    };
    expect(pointsOf(scored(storyAnd(admin)))['privileges']).toBe(20);
  });

  it('is nothing where nothing is known - no part is invented', () => {
    const empty = scored(storyWith(() => undefined));
    expect(empty.score).toBe(0);
    expect(empty.parts.map(({ points, evidence }) => ({ points, evidence }))).toEqual(
      Array.from({ length: 4 }, () => ({ points: 0, evidence: [] })),
    );
  });

  it('is the sum of its parts, each within its weight and with evidence for every point, for any pack', () => {
    fc.assert(
      fc.property(anyPack, (pack) => {
        const { score, parts } = scored(pack);
        expect(score).toBe(parts.reduce((sum, { points }) => sum + points, 0));
        expect(parts.map(({ of }) => of)).toEqual(Object.values(WEIGHTS));
        const known = pack.items.map(({ id }) => id);
        for (const { points, of, evidence } of parts) {
          expect(points).toBeGreaterThanOrEqual(0);
          expect(points).toBeLessThanOrEqual(of);
          expect(known).toEqual(expect.arrayContaining(evidence));
          if (points > 0) expect(evidence.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('never falls by what a workload writes - an attacker who adds evidence cannot make it look harmless (rule 1)', () => {
    const before = scored(cryptoMinerPack()).score;
    const chosenByWorkload = arbitraryFact.filter(({ kind }) =>
      ['process', 'file-written', 'connection', 'dns-query'].includes(kind),
    );
    fc.assert(
      fc.property(chosenByWorkload, (fact) => {
        expect(scored(storyAnd(fact, 'attacker_influenced')).score).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the fix ticket', () => {
  const updateOf = (pack: EvidencePack) =>
    analyseByRules(pack).actions.find(({ action }) => action === 'advice.update-image');
  const ownership: Fact = {
    kind: 'ownership',
    subject: 'checkout',
    team: 'payments-team',
    environment: 'production',
    criticality: 'high',
    tags: {},
  };

  it('names team, image, package, version, vulnerability and when it is done', () => {
    const update = updateOf(storyAnd(ownership));
    expect(update?.rationale).toMatch(/^For payments-team: Build and deploy the image with /);
    expect(update?.ticket).toEqual({
      team: 'payments-team',
      title:
        'Update org.apache.logging.log4j_log4j-core to 2.15.0 and org.apache.tomcat.embed_tomcat-embed-core to 9.0.81 in image 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
      body: [
        expect.stringContaining('likely used in an incident'),
        expect.stringContaining(
          'log4j-core 2.14.1 to 2.15.0 or later, in pom.xml or build.gradle: fixes CVE-2021-44228 (CVSS 10, likely exploited; is exploited in the wild).',
        ),
        expect.stringContaining(
          'tomcat-embed-core 9.0.80 to 9.0.81 or later, in pom.xml or build.gradle: fixes CVE-2023-44487',
        ),
        'It runs in environment production and criticality high.',
        expect.stringContaining('Done when'),
      ],
    });
  });

  it('addresses nobody when nobody is known to own it', () => {
    expect(updateOf(cryptoMinerPack())?.ticket?.team).toBeUndefined();
  });
});
