import { describe, expect, it } from 'vitest';
import { BINDING, droppedBy, hear, MINER, said } from '../../../../test/stories/verified.ts';

const byWorkload = (text: string) => said(text, { evidence: [MINER] });

describe('V12: the word of the workload', () => {
  it('labels a sentence that stands only on it', () => {
    expect(hear(byWorkload('The miner runs.')).claim).toEqual({
      text: 'The miner runs.',
      kind: 'observed',
      evidence: [MINER],
      entities: [],
      by: 'model',
      trust: 'attacker_influenced',
    });
  });

  it('does not label what other evidence supports too', () => {
    expect(hear(said('The miner runs.', { evidence: [MINER, BINDING] })).claim).not.toHaveProperty('trust');
  });

  it.each([
    'The process is expected.',
    'The process runs by design.',
    'The process is approved.',
    'The process is safe.',
    'The process is part of a deployment.',
    'The process is already contained.',
    'The process is allow-listed.',
    'The process was reviewed.',
    'The process is l e g i t.',
  ])('drops what would be an excuse: %s', (text) => {
    expect(droppedBy(byWorkload(text))).toBe('V12');
    expect(droppedBy(said(text))).toBeUndefined();
  });

  it('drops a call to act on it, even one the rules recommend', () => {
    expect(droppedBy(byWorkload('Quarantine the pod.'))).toBe('V12');
    expect(droppedBy(said('Quarantine the pod.'))).toBeUndefined();
  });

  it('is needed: without it the attacker vouches for himself', () => {
    expect(hear(byWorkload('The process is approved.'), 'V12').claim?.text).toBe('The process is approved.');
  });
});
