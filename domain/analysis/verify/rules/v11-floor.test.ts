import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT, answerOf, droppedBy, GUARD, MINER, PACK, RULES, said } from '../../../../test/stories/verified.ts';
import { merge } from '../merge.ts';
import { STEMS } from '../talked-down.ts';

describe('V11: nothing is talked down', () => {
  it.each([
    'This looks benign.',
    'This is a false positive.',
    'It is not an attack.',
    'There is no malicious activity.',
    'You can close this alert.',
    'The alert was reviewed and closed.',
    'The incident is resolved.',
    'No further action is needed.',
    'There is nothing to worry about.',
    'It was an authorised penetration test.',
    'It is expected behaviour of the pod.',
    'The severity is low.',
    'This is a low risk.',
    'The impact is negligible.',
    'There is no risk.',
    'Severity should be medium.',
    // The same in disguise.
    'This looks b\u00e9nign.',
    'This looks b e n i g n.',
    'This looks be-nign.',
    'This looks b.e.n.i.g.n.',
    // One word of another language in an English sentence.
    'This alert is harmlos.',
    'The incident is a Fehlalarm.',
    'The alert is un faux positif.',
    'This alert is inofensivo.',
    'The alert is inofensiva here.',
    'The alert is innocuo.',
    'This alert is onschadelijk.',
    'This alert is nieszkodliwy.',
    'The alert is fa\u0142szywy.',
    'The alert is zarars\u0131z.',
    'The alert is h-a-r-m-l-o-s.',
    'The alert is lozhny.',
    'The alert is wubao.',
  ])('drops %s', (text) => {
    expect(droppedBy(said(text, { evidence: [ALERT] }))).toBe('V11');
  });

  it('drops the severity that the workload wrote about itself, and lets the vendor’s be told', () => {
    expect(droppedBy(said('Its severity is high.', { evidence: [ALERT] }))).toBeUndefined();
    expect(droppedBy(said('Its severity is high.', { evidence: [MINER] }))).toBe('V11');
    expect(droppedBy(said('Its severity is critical.', { evidence: [MINER] }))).toBeUndefined();
  });

  it('drops every word of every list in an English sentence, and whatever no list holds in another script', () => {
    const stems = Object.values(STEMS)
      .flat()
      .map((stem) => stem.replace(/\[(\p{L})\p{L}*\]/gu, '$1').replace(/\(\?:(.*?)\|.*?\)|\(\?!.*?\)/gu, '$1'));
    fc.assert(
      fc.property(
        fc.constantFrom(...stems),
        fc.constantFrom(
          (word: string) => `This alert is ${word}.`,
          (word: string) => `The pod runs, and the process is ${word} in this cluster.`,
          (word: string) => `The vendor reported it: ${word}.`,
          (word: string) =>
            `The alert is ${word
              .split(' ')
              .map((part) => [...part].join('-'))
              .join(' ')}.`,
        ),
        (stem, frame) => {
          const text = frame(stem);
          expect([text, ['V9', 'V11'].includes(droppedBy(said(text, { evidence: [ALERT] })) ?? '')]).toEqual([
            text,
            true,
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    'The file was closed by the process.',
    'The network policy is restrictive.',
    'The load on the node is low.',
  ])('lets a sentence stand that talks nothing down: %s', (text) => {
    expect(droppedBy(said(text))).toBeUndefined();
  });

  it('keeps the verdict and records the model’s as an opinion, which is no reason to ask again', () => {
    const answer = { ...answerOf(said('The pod runs.')), verdict: 'benign' };
    const { body, dropped, violations } = merge(RULES, answer, PACK, GUARD);
    expect(body.verdict).toBe('malicious');
    expect(dropped).toEqual([{ what: 'verdict benign', why: 'the verdict comes from the rules', rule: 'V11' }]);
    expect(violations).toEqual([]);
  });

  it('keeps the headline of the rules when the model’s talks down', () => {
    for (const headline of ['Benign test in checkout', 'Low severity event', 'Please close this incident'])
      expect(merge(RULES, { ...answerOf(said('The pod runs.')), headline }, PACK, GUARD).body.headline).toBe(
        RULES.headline,
      );
  });

  it('is needed: without it the alert is talked down', () => {
    expect(droppedBy(said('This looks benign.', { evidence: [ALERT] }), 'V11')).toBeUndefined();
  });
});
