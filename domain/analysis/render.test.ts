import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPack } from '../../test/arbitraries/story.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import { digestOf } from '../json/canonical.ts';
import type { Analysis } from './analysis.ts';
import { analysisBlocks, renderAnalysisText } from './render.ts';
import { analyseByRules, RULES_VERSION } from './rules/analyse.ts';

function analysed(pack: EvidencePack, change: Partial<Analysis> = {}): Analysis {
  return {
    ...analyseByRules(pack),
    incidentId: pack.incidentId,
    packDigest: digestOf(pack),
    writtenBy: { rules: { name: 'rules-analyst', version: RULES_VERSION } },
    dropped: [],
    ...change,
  };
}

describe('analysisBlocks', () => {
  const pack = cryptoMinerPack();

  it('says with each sentence which evidence it stands on, and shows that evidence', () => {
    const text = renderAnalysisText(analysed(pack), pack);
    expect(text).toContain('- The container connected to 203.0.113.50 port 3333 at 2025-10-14 09:15:52 UTC. [E17]');
    expect(text).toContain(
      '- [E17] Outbound connection from 10.0.33.17 to 203.0.113.50 port 3333 at 2025-10-14T09:15:52.000Z. (CWPP API, text the workload could choose)',
    );
    expect(text).toContain('- kubernetes.quarantine-pod on pod payments/checkout-6d9f7c5b8d-x2x9q (immediate): ');
    expect(text).toContain('fixed in 2.15.0');
    expect(text).toMatch(/^Verdict: +malicious \(confidence high\)$/m);
  });

  it('marks what is inferred - a reader must not take it for seen', () => {
    expect(renderAnalysisText(analysed(pack), pack)).toContain('- Inferred: CVE-2021-44228 is likely the way in');
  });

  it('says who wrote it, why a model did not, and what was left out of its answer', () => {
    const written = {
      rules: { name: 'rules-analyst' as const, version: RULES_VERSION },
      fallback: 'the model did not answer in time',
    };
    const text = renderAnalysisText(
      analysed(pack, {
        writtenBy: written,
        dropped: [{ what: 'narrative 1', why: 'cites evidence that does not exist' }],
      }),
      pack,
    );
    expect(text).toContain(`all by rules-analyst ${RULES_VERSION}, because the model did not answer in time`);
    expect(text).toContain("Left out of the model's answer (1)");
    expect(text).toContain('1 × cites evidence that does not exist');
  });

  it('warns when the evidence tries to steer its readers', () => {
    const warning = analysisBlocks(
      analysed(pack, {
        suspectedInjection: [{ evidence: 'E7', reason: 'The text asks to close or suppress the alert.' }],
      }),
      pack,
    ).find((block) => block.type === 'paragraph' && block.text.startsWith('Warning'));
    expect(warning).toEqual({
      type: 'paragraph',
      text: 'Warning: text in the evidence tries to influence whoever reads it, [E7] The text asks to close or suppress the alert. It had no effect on verdict, severity or recommendations.',
    });
  });

  it('holds no line break outside code, no control or invisible character in any text, and no link, for any pack', () => {
    fc.assert(
      fc.property(anyPack, (any) => {
        for (const block of analysisBlocks(analysed(any), any)) {
          expect(block.type).not.toBe('link');
          const shown = block.type === 'code' ? { ...block, text: block.text.replaceAll('\n', ' ') } : block;
          expect(JSON.stringify(shown)).not.toMatch(/\\[nrtbf]|\\u00|[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
        }
      }),
      { numRuns: 100 },
    );
  });
});
