import { describe, expect, it } from 'vitest';
import { cryptoMinerParts, entity, packOf } from '../../../test/stories/crypto-miner.ts';
import type { Fact, FactOf } from '../../evidence/fact.ts';
import type { EvidenceDraft, EvidencePack, EvidencePart } from '../../evidence/pack.ts';
import { severityRank } from '../../severity.ts';
import { analyseByRules } from './analyse.ts';

const AT = '2025-10-14T09:18:30.000Z';

const intel = (change: Partial<FactOf<'threat-intel'>> = {}): FactOf<'threat-intel'> => ({
  kind: 'threat-intel',
  indicator: '203.0.113.50',
  indicatorKind: 'ip',
  confidence: 85,
  answers: [
    {
      source: 'virustotal',
      verdict: 'malicious',
      detail: '11 of 91 engines call it malicious',
      weight: 1.5,
      checkedAt: AT,
    },
  ],
  ...change,
});

function draftOf(fact: Fact, change: Partial<EvidenceDraft> = {}): EvidenceDraft {
  return {
    source: 'threat_intel',
    field: 'virustotal',
    trust: 'vendor',
    observedAt: AT,
    fact,
    entities: [entity.poolIp],
    ...change,
  };
}

/** A Java service that calls an address, nothing more: the alert is confirmed and says little. */
function quiet(added: readonly EvidenceDraft[], severity: 'low' | 'medium' = 'low'): EvidencePack {
  const kept: readonly Fact['kind'][] = ['confirmation', 'alert', 'connection', 'pod', 'dns-query'];
  const parts: EvidencePart[] = cryptoMinerParts().map((part) => ({
    ...part,
    drafts: [
      ...part.drafts
        .filter(({ fact }) => kept.includes(fact.kind))
        .map((draft) =>
          draft.fact.kind === 'alert'
            ? { ...draft, fact: { ...draft.fact, category: 'unexpectedConnection', severity, techniques: [] } }
            : draft,
        ),
      ...(part.part === 'threat-intel' ? added : []),
    ],
  }));
  return { ...packOf(parts), vendorSeverity: severity };
}

describe('what others know', () => {
  it('raises the severity when the workload called what is known to be malicious, and says why with the evidence', () => {
    const pack = quiet([draftOf(intel())]);
    const analysis = analyseByRules(pack);
    expect(analysis).toMatchObject({ verdict: 'suspicious', severity: 'high' });
    expect(analysis.severityReason).toBe(
      "The vendor's severity is low; raised to high, because the contacted 203.0.113.50 is known to be malicious (confidence 85 of 100).",
    );
    const claim = analysis.narrative.find(({ text }) => text.startsWith('Threat intelligence about ip 203.0.113.50'));
    expect(claim?.text).toBe(
      'Threat intelligence about ip 203.0.113.50, confidence 85 of 100: virustotal: malicious, 11 of 91 engines call it malicious (weight +1.5).',
    );
    expect(pack.items.find(({ id }) => id === claim?.evidence[0])?.source).toBe('threat_intel');
  });

  it('makes a known malicious file malware, which with another sign is malicious', () => {
    const file = draftOf(
      intel({ indicator: 'c0ffee00c0ffee00c0ffee00c0ffee00', indicatorKind: 'hash', confidence: 95 }),
      {
        entities: [entity.file],
      },
    );
    expect(analyseByRules(quiet([file, draftOf(intel())]))).toMatchObject({
      verdict: 'malicious',
      severity: 'high',
      headline: expect.stringContaining('Malware in payments/checkout'),
    });
  });

  it.each([
    ['nobody has an opinion', { confidence: undefined }],
    ['the confidence is moderate', { confidence: 60 }],
    ['the workload never called that address', { indicator: '203.0.113.5' }],
  ] as const)('changes nothing when %s', (_name, change) => {
    const { confidence, ...rest } = { ...intel(), ...change };
    const fact: Fact = confidence === undefined ? rest : { ...rest, confidence };
    const [without, with_] = [analyseByRules(quiet([])), analyseByRules(quiet([draftOf(fact)]))];
    expect([with_.verdict, with_.severity]).toEqual([without.verdict, without.severity]);
  });

  it('believes no intelligence that came another way than from the sources', () => {
    const plain = analyseByRules(quiet([])).severity;
    expect(analyseByRules(quiet([draftOf(intel(), { source: 'alert' })])).severity).toBe(plain);
    expect(analyseByRules(quiet([draftOf(intel(), { trust: 'attacker_influenced' })])).severity).toBe(plain);
  });

  it('never lowers anything: "harmless" leaves verdict, severity and actions as they are (rule 1)', () => {
    const harmless = draftOf(
      intel({
        confidence: 2,
        answers: [{ source: 'greynoise', verdict: 'harmless', detail: 'x', weight: -1.5, checkedAt: AT }],
      }),
    );
    const before = analyseByRules(packOf(cryptoMinerParts()));
    const after = analyseByRules(
      packOf(
        cryptoMinerParts().map((part) =>
          part.part === 'threat-intel' ? { ...part, drafts: [...part.drafts, harmless] } : part,
        ),
      ),
    );
    expect(after.verdict).toBe(before.verdict);
    expect(severityRank(after.severity)).toBe(severityRank(before.severity));
    expect(after.actions.map(({ action }) => action)).toEqual(before.actions.map(({ action }) => action));
  });
});
