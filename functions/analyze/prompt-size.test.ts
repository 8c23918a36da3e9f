import { describe, expect, it } from 'vitest';
import { judgementView, modelView } from '../../domain/analysis/model-view.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import { modelAnswerJsonSchema } from '../../domain/analysis/verify/answer.ts';
import { lookUpOffers } from '../../domain/models/tool-offers.ts';
import { SOURCES } from '../../domain/source.ts';
import { buildGolden } from '../../test/evals/golden/golden.ts';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import { analysisPrompt, systemOf } from './prompting.ts';

/**
 * Characters for one token, at the least that was measured with the o200k tokenizer: 2.65 for the evidence of the golden
 * incidents, which is full of digests, and 4.2 for instructions. Other tokenizers differ; the limits leave room for that.
 */
const OF_EVIDENCE = 2.6;
const OF_INSTRUCTIONS = 3.6;

describe('the size of what a model is sent', () => {
  it.each(SOURCES)(
    'is at most 4,500 tokens that are the same for every incident of %s, tools and schema included',
    (source) => {
      const stable = [
        systemOf(analysisPrompt(source)),
        JSON.stringify(modelAnswerJsonSchema()),
        JSON.stringify(lookUpOffers()),
      ];
      expect(stable.join('').length / OF_INSTRUCTIONS).toBeLessThan(4_500);
    },
  );

  it('is at most 8,000 tokens of evidence for every golden incident, with nothing left out', async () => {
    const packs = [cryptoMinerPack(), ...(await buildGolden()).map(({ pack }) => pack)];
    for (const pack of packs) {
      const rules = analyseByRules(pack);
      const { text, leftOut } = modelView(pack, rules, analysisPrompt('generic').evidenceCharacters);
      expect({ incident: pack.incidentId, leftOut }).toEqual({ incident: pack.incidentId, leftOut: 0 });
      expect((text.length + judgementView(rules).length) / OF_EVIDENCE).toBeLessThan(8_000);
    }
  });
});
