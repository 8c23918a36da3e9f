import { describe, expect, it } from 'vitest';
import { answerOf, droppedBy, GUARD, PACK, POD, RULES, said } from '../../../../test/stories/verified.ts';
import { rulesWithout } from '../verifier-rules.ts';
import { verifyAnswer } from '../verify.ts';
import { LIMITS } from './v1-shape.ts';

describe('V1: shape and limits', () => {
  it.each([
    ['nothing', undefined],
    ['prose', 'The incident is a crypto miner.'],
    ['a list', [answerOf()]],
    ['half of an object', { outcome: 'analysed', headline: 'x' }],
    ['an unknown verdict', { ...answerOf(), verdict: 'fine' }],
    ['a sentence that is a number', { ...answerOf(), narrative: [7] }],
  ])('takes nothing of an answer that is %s', (_name, answer) => {
    expect(verifyAnswer(answer, PACK, RULES, GUARD)).toEqual({
      ok: false,
      reason: 'the answer has not the agreed shape',
      dropped: [],
      violations: [{ rule: 'V1', where: 'the answer' }],
    });
  });

  it('reads an answer without a root cause like one that found none - nothing else of it is worse for that', () => {
    const { rootCause: _, ...answer } = answerOf(said('The pod runs.'));
    expect(verifyAnswer(answer, PACK, RULES, GUARD)).toMatchObject({ ok: true, rootCause: undefined });
  });

  it.each([
    ['is empty', said('   ')],
    ['is a flood', said('The pod runs and '.repeat(60))],
    ['cites half the pack', said('The pod runs.', { evidence: PACK.items.slice(0, 13).map(({ id }) => id) })],
    [
      'names half the entities',
      said('The pod runs.', { entities: Array.from({ length: 25 }, () => PACK.entities[0]?.id ?? '') }),
    ],
  ])('drops a sentence that %s', (_name, claim) => {
    expect(droppedBy(claim)).toBe('V1');
  });

  it('reads no more sentences than people would, and says how many it did not read', () => {
    const many = answerOf(
      ...Array.from({ length: LIMITS.claims + 3 }, () => said('The pod runs.', { evidence: [POD] })),
    );
    const verified = verifyAnswer(many, PACK, RULES, GUARD);
    expect(verified.ok && verified.narrative).toHaveLength(LIMITS.claims);
    expect(verified.dropped).toEqual([
      { what: '3 of narrative', why: `more than ${LIMITS.claims} are not read`, rule: 'V1' },
    ]);
  });

  it('is needed: without it a flood stands', () => {
    const flood = said('The pod runs and '.repeat(30));
    expect(droppedBy(flood, 'V1')).not.toBe('V1');
    const many = answerOf(...Array.from({ length: 90 }, () => said('The pod runs.')));
    const verified = verifyAnswer(many, PACK, RULES, GUARD, rulesWithout('V1'));
    expect(verified.ok && verified.narrative).toHaveLength(90);
  });
});
