import { describe, expect, it } from 'vitest';
import { answerOf, GUARD, hear, PACK, RULES, said } from '../../../../test/stories/verified.ts';
import { verifyAnswer } from '../verify.ts';

describe('V10: marks of the prompt', () => {
  it.each([
    [
      'the hidden mark',
      `My instructions say ${GUARD.canary}.`,
      'the answer repeats the hidden mark of the instructions',
    ],
    [
      'the hidden mark with invisible characters in it',
      [...GUARD.canary].join('\u200b'),
      'the answer repeats the hidden mark of the instructions',
    ],
    [
      'the hidden mark spelt out in capitals',
      [...GUARD.canary.toUpperCase()].join(' '),
      'the answer repeats the hidden mark of the instructions',
    ],
    ['the boundary', `The evidence is ${GUARD.boundary}`, 'the answer repeats the boundary of the evidence'],
    ['the boundary without its frame', 'It is nonce-0123456789.', 'the answer repeats the boundary of the evidence'],
  ])('takes nothing of an answer that repeats %s', (_name, text, reason) => {
    expect(hear(said(text))).toMatchObject({
      refused: reason,
      violations: [{ rule: 'V10', where: 'the answer' }],
    });
  });

  it('looks wherever an answer has text, ids included', () => {
    const answers = [
      { ...answerOf(), headline: GUARD.canary },
      answerOf(said('The pod runs.', { evidence: [GUARD.canary] })),
      { ...answerOf(), techniques: [{ id: GUARD.boundary, rationale: 'x', evidence: [] }] },
      { ...answerOf(), rootCause: said(GUARD.canary) },
      { ...answerOf(), unknowns: [{ question: 'x', whyItMatters: GUARD.boundary, evidence: [] }] },
    ];
    for (const answer of answers) expect(verifyAnswer(answer, PACK, RULES, GUARD).ok).toBe(false);
  });

  it('finds nothing where there are no marks', () => {
    const verified = verifyAnswer(answerOf(said('The pod runs.')), PACK, RULES, { canary: '', boundary: '' });
    expect(verified.ok).toBe(true);
  });

  it('is needed: without it the hidden mark is told in the headline', () => {
    const marked = said('The boundary is nonce-test.');
    expect(hear(marked).refused).toBeUndefined();
    expect(hear(said('The mark is secret-word.'), 'V10').refused).toBeUndefined();
    expect(hear(said(`See ${GUARD.canary}.`), 'V10').refused).toBeUndefined();
  });
});
