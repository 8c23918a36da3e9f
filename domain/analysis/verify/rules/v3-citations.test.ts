import { describe, expect, it } from 'vitest';
import { droppedBy, hear, said } from '../../../../test/stories/verified.ts';

describe('V3: citations', () => {
  it('drops a sentence that cites nothing', () => {
    expect(droppedBy(said('The pod runs.', { evidence: [] }))).toBe('V3');
  });

  it.each([
    'The pod was probably reached from outside.',
    'This suggests that the pod was reached from outside.',
    'The pod may have been reached from outside.',
    'The pod was l\u0131kely reached, most likely from outside.',
  ])('calls inferred what concludes, whatever it calls itself: %s', (text) => {
    const { claim, dropped, violations } = hear(said(text));
    expect(claim?.kind).toBe('inferred');
    expect(dropped).toEqual([{ what: 'narrative 1, in part', why: 'was called observed but concludes', rule: 'V3' }]);
    // Put right already: no reason to ask again.
    expect(violations).toEqual([]);
  });

  it('leaves an observation an observation', () => {
    expect(hear(said('The pod runs.'))).toMatchObject({ claim: { kind: 'observed' }, dropped: [] });
  });

  it('is needed: without it an opinion stands as a fact', () => {
    expect(hear(said('The pod runs.', { evidence: [] }), 'V3').claim?.evidence).toEqual([]);
    expect(hear(said('The pod was probably reached from outside.'), 'V3').claim?.kind).toBe('observed');
  });
});
