import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPack } from '../../../test/arbitraries/story.ts';
import { cryptoMinerPack, cryptoMinerParts, entity, WORKLOAD } from '../../../test/stories/crypto-miner.ts';
import type { Fact } from '../../evidence/fact.ts';
import { composePack, type EvidenceDraft, type EvidencePack } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';

const AT = '2025-10-14T09:18:30.000Z';

function draft(fact: Fact): EvidenceDraft {
  return { source: 'cwpp_api', field: 'x', trust: 'vendor', observedAt: AT, fact, entities: [entity.pod] };
}

/** The sample story without its vulnerabilities, changed, and with more. */
function story(added: readonly Fact[], change: (fact: Fact) => Fact | undefined = (fact) => fact): EvidencePack {
  return composePack({
    incidentId: 'inc-cause',
    workload: WORKLOAD,
    vendorSeverity: 'high',
    parts: cryptoMinerParts().map((part) => ({
      ...part,
      drafts: [
        ...part.drafts.flatMap((one) => {
          const fact = one.fact.kind === 'vulnerability' ? undefined : change(one.fact);
          return fact === undefined ? [] : [{ ...one, fact }];
        }),
        ...(part.part === 'alert-details' ? added.map(draft) : []),
      ],
    })),
  });
}

const causeOf = (pack: EvidencePack) => analyseByRules(pack).rootCause;
const kindsOf = (pack: EvidencePack) => {
  const cited = new Set(causeOf(pack)?.evidence);
  return new Set(pack.items.filter(({ id }) => cited.has(id)).map(({ fact }) => fact.kind));
};
const without =
  (...kinds: readonly Fact['kind'][]) =>
  (fact: Fact): Fact | undefined =>
    kinds.includes(fact.kind) ? undefined : fact;

const OPEN: readonly Fact[] = [
  { kind: 'exposure', subject: 'checkout', reachableFromInternet: true, ports: ['8080'], path: [], basis: 'scan' },
  {
    kind: 'related-finding',
    uid: 'f-1',
    title: 'Admin console allows unauthenticated access',
    category: 'misconfiguration',
    severity: 'high',
  },
];

describe('the root cause', () => {
  it('is the exploited vulnerability, where one explains what was seen', () => {
    const pack = cryptoMinerPack();
    expect(causeOf(pack)).toMatchObject({
      kind: 'inferred',
      text: expect.stringMatching(
        /^It most likely began with the exploitation of CVE-2021-44228 in .*log4j-core 2\.14\.1: /,
      ),
    });
    expect(kindsOf(pack)).toContain('vulnerability');
  });

  it('is the stolen credential the vendor reports, with the calls that were made', () => {
    const pack = story(
      [{ kind: 'api-call', operation: 'sts:GetCallerIdentity', principal: 'role/checkout', at: AT }],
      (fact) =>
        fact.kind === 'alert'
          ? { ...fact, category: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS' }
          : fact,
    );
    expect(causeOf(pack)?.text).toMatch(
      /^It most likely began with a stolen credential of role\/checkout: the vendor reports ".*"; with it were called sts:GetCallerIdentity\.$/,
    );
    expect(kindsOf(pack)).toEqual(new Set(['alert', 'api-call']));
  });

  it('is no stolen credential where somebody needed none', () => {
    const pack = story([], (fact) =>
      fact.kind === 'alert' ? { ...fact, category: 'Discovery:Kubernetes/SuccessfulAnonymousAccess' } : fact,
    );
    expect(causeOf(pack)?.text ?? '').not.toContain('stolen');
  });

  it('is what stands open, where it can be reached and a finding says it is open', () => {
    const pack = story(OPEN, without('revision', 'learned-behaviour'));
    expect(causeOf(pack)?.text).toBe(
      'It most likely began over the network: the container can be reached from outside, and "Admin console allows unauthenticated access" says that what answers there is open.',
    );
    expect([...kindsOf(pack)]).toEqual(expect.arrayContaining(['exposure', 'related-finding']));
  });

  it.each([
    ['reachable alone', OPEN.slice(0, 1)],
    ['a finding alone', OPEN.slice(1)],
  ])('is not made of %s', (_name, facts) => {
    const closed = (fact: Fact) => (fact.kind === 'service' ? { ...fact, exposed: false } : without('revision')(fact));
    expect(causeOf(story(facts, closed))).toBeNull();
  });

  it('is the change just before, where what was seen had not been seen before it', () => {
    const pack = story([]);
    expect(causeOf(pack)?.text).toMatch(
      /^It may have come with the change of Deployment checkout to .*checkout:1\.42\.0, .* before the first alert: what was seen had not been seen before it\.$/,
    );
    expect(kindsOf(pack)).toContain('revision');
  });

  it('is not a change long before', () => {
    const pack = story([], (fact) =>
      fact.kind === 'revision' ? { ...fact, createdAt: '2025-09-01T00:00:00.000Z' } : fact,
    );
    expect(causeOf(pack)).toBeNull();
  });

  it('is not told where nothing happened, or nobody confirmed that it did', () => {
    for (const kinds of [['confirmation'], ['alert', 'process', 'connection', 'dns-query', 'file-written']] as const) {
      const pack = story(OPEN, without(...kinds));
      expect(causeOf(pack)).toBeNull();
    }
  });

  it('is inferred, stands on evidence that exists and names only what that evidence holds, for any pack', () => {
    fc.assert(
      fc.property(anyPack, (pack) => {
        const cause = causeOf(pack);
        if (!cause) return;
        const cited = pack.items.filter(({ id }) => cause.evidence.includes(id));
        expect(cause.kind).toBe('inferred');
        expect(cited).toHaveLength(cause.evidence.length);
        expect(cited.length).toBeGreaterThan(0);
        expect(cited.flatMap(({ entities }) => entities)).toEqual(expect.arrayContaining(cause.entities));
      }),
      { numRuns: 150 },
    );
  });
});
