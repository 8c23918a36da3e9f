import { describe, expect, it } from 'vitest';
import { answerOf, GUARD, PACK, RULES, said } from '../../../test/stories/verified.ts';
import { merge } from './merge.ts';
import { brokenRules, repairFor } from './repair.ts';
import { RULE_IDS } from './rule.ts';
import { VERIFIER_RULES } from './verifier-rules.ts';

describe('the repair turn', () => {
  it('names rules, places and what each rule wants, and nothing of what was said', () => {
    const bad = answerOf(
      said('It connected to 198.51.100.9.'),
      said('This looks benign.'),
      said('It read /etc/shadow.'),
      said('The pod runs.', { evidence: ['E998'] }),
    );
    const { violations } = merge(RULES, bad, PACK, GUARD);
    const text = brokenRules(violations);
    expect(text.split('\n')).toEqual([
      'V2 (narrative 4): only ids of evidence and entities that were given, in lists and in texts.',
      expect.stringMatching(/^V8 \(narrative 1, narrative 3\): every number, time, address/),
      expect.stringMatching(/^V11 \(narrative 2\): no sentence that calls the incident harmless/),
    ]);
    for (const word of ['198.51.100.9', 'benign', 'shadow', 'E998']) expect(text).not.toContain(word);
  });

  it('stays short, however much was thrown away', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ rule: 'V8', where: `narrative ${index}` }) as const);
    expect(brokenRules(many).length).toBeLessThan(1_500);
  });

  it('is not asked for when nothing was thrown away, nor of a model that was turned', () => {
    expect(repairFor([])).toBeUndefined();
    expect(repairFor([{ rule: 'V10', where: 'the answer' }])).toBeUndefined();
    expect(repairFor([{ rule: 'V1', where: 'the answer' }])).toContain('V1 (the answer)');
  });
});

describe('the rules of the verifier', () => {
  it('are twelve, each once, each with what it protects and what it wants', () => {
    expect(new Set(VERIFIER_RULES.map(({ id }) => id))).toEqual(new Set(RULE_IDS));
    expect(VERIFIER_RULES).toHaveLength(RULE_IDS.length);
    for (const { protects, wants } of VERIFIER_RULES) expect([protects, wants]).not.toContain('');
  });
});
