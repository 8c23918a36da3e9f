import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPack } from '../../test/arbitraries/story.ts';
import { cryptoMinerParts, WORKLOAD } from '../../test/stories/crypto-miner.ts';
import type { ModelAnswer } from '../analysis/verify/answer.ts';
import { composePack, type EvidencePart, evidencePartSchema } from '../evidence/pack.ts';
import { likenessOf, translateAnswer } from './reuse.ts';

const AUTHOR = { profile: 'p', prompt: 'x' };

function packOf(change: (text: string) => string = (text) => text) {
  const parts: EvidencePart[] = cryptoMinerParts().map((part) =>
    evidencePartSchema.parse(JSON.parse(change(JSON.stringify(part)))),
  );
  return composePack({ incidentId: 'inc-1', workload: WORKLOAD, vendorSeverity: 'high', parts });
}

const again = (text: string): string =>
  text.replaceAll('4711', '9923').replaceAll('2025-10-14T09:1', '2025-11-02T13:1');

describe('likeness', () => {
  it('is the same for the same thing at another time in another process', () => {
    expect(likenessOf(packOf(again), AUTHOR)).toBe(likenessOf(packOf(), AUTHOR));
  });

  it('does not change by what was known before, which grows each time', () => {
    const pack = packOf();
    const more = composePack({
      incidentId: 'inc-1',
      workload: WORKLOAD,
      vendorSeverity: 'high',
      parts: [
        ...cryptoMinerParts(),
        {
          part: 'history',
          gatheredAt: '2025-10-14T09:18:30.000Z',
          drafts: [
            {
              source: 'history',
              field: 'incidents',
              trust: 'own',
              observedAt: '2025-10-14T09:18:30.000Z',
              fact: { kind: 'past-incident', incidentId: 'inc-0', openedAt: '2025-10-01T00:00:00.000Z' },
              entities: [],
            },
          ],
          cost: { calls: 1, bytes: 1, milliseconds: 1 },
        },
      ],
    });
    expect(likenessOf(more, AUTHOR)).toBe(likenessOf(pack, AUTHOR));
  });

  it.each<[string, (text: string) => string]>([
    ['another image', (text) => text.replaceAll('checkout:', 'checkout-next:')],
    ['another vulnerability', (text) => text.replaceAll('CVE-2021-44228', 'CVE-2021-45046')],
    ['another command', (text) => text.replaceAll('/bin/sh', '/bin/dash')],
    ['another severity of the alert', (text) => text.replaceAll('"severity":"high"', '"severity":"low"')],
  ])('changes with %s', (_name, change) => {
    expect(likenessOf(packOf(change), AUTHOR)).not.toBe(likenessOf(packOf(), AUTHOR));
  });

  it('changes with whoever would write: another profile, prompt or rules', () => {
    expect(likenessOf(packOf(), { ...AUTHOR, prompt: 'y' })).not.toBe(likenessOf(packOf(), AUTHOR));
  });
});

describe('translateAnswer', () => {
  const answerAbout = (evidence: string[], text: string): ModelAnswer => ({
    outcome: 'analysed',
    headline: 'A miner',
    verdict: 'malicious',
    narrative: [{ text, kind: 'observed', evidence, entities: [] }],
    techniques: [],
    unknowns: [],
  });

  it('leaves out a sentence whose evidence is not there again', () => {
    const id = packOf().items.find(({ fact }) => fact.kind === 'process' && fact.pid === 4711)?.id ?? '';
    const gone = packOf((text) => text.replaceAll('xmrig', 'kdevtmpfsi'));
    expect(translateAnswer(answerAbout([id], 'Process 4711 ran.'), packOf(), gone)).toMatchObject({ kept: 0, of: 1 });
  });

  it('gives an answer for any two packs, whatever names an attacker chose - they are put into patterns', () => {
    fc.assert(
      fc.property(anyPack, anyPack, fc.string(), (before, now, text) => {
        const ids = before.items.map(({ id }) => id).slice(0, 3);
        const { answer, kept, of } = translateAnswer(answerAbout(ids, text), before, now);
        const known = new Set(now.items.map(({ id }) => id));
        expect(kept).toBeLessThanOrEqual(of);
        for (const claim of answer.narrative) for (const id of claim.evidence) expect(known).toContain(id);
      }),
      { numRuns: 60 },
    );
  });
});
