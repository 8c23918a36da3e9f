import { describe, expect, it } from 'vitest';
import { BOTH, entityOf, hear, said } from '../../../../test/stories/verified.ts';

const POD_ENTITY = entityOf('pod', 'x2x9q');
const SERVICE_ENTITY = entityOf('service');

describe('V4: entities stand in the cited evidence', () => {
  it('takes away an entity the cited evidence does not hold, keeps the others, and counts that', () => {
    const { claim, dropped } = hear(said('The pod runs.', { entities: [POD_ENTITY, SERVICE_ENTITY, POD_ENTITY] }));
    expect(claim).toEqual({
      text: 'The pod runs.',
      kind: 'observed',
      evidence: BOTH,
      entities: [POD_ENTITY],
      by: 'model',
    });
    expect(dropped).toEqual([
      { what: 'narrative 1, in part', why: 'names an entity that the cited evidence does not hold', rule: 'V4' },
    ]);
  });

  it('is needed: without it a sentence ties anything to the incident', () => {
    const claim = said('The pod runs.', { entities: [SERVICE_ENTITY] });
    expect(hear(claim, 'V4').claim?.entities).toEqual([SERVICE_ENTITY]);
  });
});
