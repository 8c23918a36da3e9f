import { describe, expect, it } from 'vitest';
import { cryptoMinerPack } from '../../test/stories/crypto-miner.ts';
import { differencesBetween } from './difference.ts';
import { analyseByRules } from './rules/analyse.ts';

const body = analyseByRules(cryptoMinerPack());

describe('differencesBetween', () => {
  it('finds none between the same', () => {
    expect(differencesBetween(body, structuredClone(body))).toEqual([]);
  });

  it('puts what could lead to another response first, and marks it', () => {
    const [sentence] = body.narrative;
    const other = { ...body, verdict: 'suspicious' as const, headline: 'Other', narrative: body.narrative.slice(1) };
    expect(differencesBetween(body, other)).toEqual([
      { what: 'verdict', before: body.verdict, after: 'suspicious', decisive: true },
      { what: 'headline', before: body.headline, after: 'Other', decisive: false },
      { what: 'sentence', before: sentence?.text, after: '', decisive: false },
    ]);
  });

  it('does not mistake another order for another plan', () => {
    expect(differencesBetween(body, { ...body, actions: [...body.actions].reverse() })).toEqual([]);
  });
});
