import { describe, expect, it } from 'vitest';
import { answerOf, droppedBy, GUARD, MINER, PACK, RULES, said } from '../../../../test/stories/verified.ts';
import type { RuleId } from '../rule.ts';
import { rulesWithout, VERIFIER_RULES } from '../verifier-rules.ts';
import { verifyAnswer } from '../verify.ts';

function rationaleOf(id: string, without?: RuleId) {
  const answer = { ...answerOf(), techniques: [{ id, rationale: 'The miner runs.', evidence: [MINER] }] };
  const verified = verifyAnswer(
    answer,
    PACK,
    RULES,
    GUARD,
    without === undefined ? VERIFIER_RULES : rulesWithout(without),
  );
  return { given: verified.ok && verified.rationales.has(id), why: verified.dropped[0]?.why };
}

describe('V6: techniques exist and were found', () => {
  it.each([
    ['that does not exist', 'T9999', 'is not in the ATT&CK catalogue'],
    ['that MITRE retired', 'T1086', 'is not in the ATT&CK catalogue'],
    ['named like a property of objects', '__proto__', 'is not in the ATT&CK catalogue'],
    ['that the rules did not find', 'T1485', 'was not found by the rules'],
  ])('takes no rationale for a technique %s', (_name, id, why) => {
    expect(rationaleOf(id)).toEqual({ given: false, why });
  });

  it('takes the rationale of a technique the rules found', () => {
    expect(rationaleOf('T1496')).toEqual({ given: true, why: undefined });
  });

  it.each(['The miner is T9999.', 'The miner is T1086.', 'The miner destroys data, T1485.', 'It is of tactic TA9999.'])(
    'drops a sentence about a technique nobody found: %s',
    (text) => {
      expect(droppedBy(said(text))).toBe('V6');
    },
  );

  it('lets a sentence name a technique the rules found', () => {
    expect(droppedBy(said('The miner takes resources, T1496.', { evidence: [MINER] }))).toBeUndefined();
  });

  it('is needed: without it statistics count what nobody found', () => {
    expect(rationaleOf('T1485', 'V6').given).toBe(true);
    expect(droppedBy(said('The miner destroys data, T1485.'), 'V6')).toBeUndefined();
  });
});
