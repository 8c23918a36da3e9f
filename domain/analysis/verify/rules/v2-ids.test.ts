import { describe, expect, it } from 'vitest';
import { BOTH, droppedBy, hear, POD, said } from '../../../../test/stories/verified.ts';

describe('V2: ids exist', () => {
  it.each([
    ['invented evidence beside real', said('The pod runs.', { evidence: [POD, 'E999'] })],
    ['invented evidence only', said('The pod runs.', { evidence: ['E999'] })],
    ['an id in another spelling', said('The pod runs.', { evidence: [POD.toLowerCase()] })],
    ['the name of a property of objects', said('The pod runs.', { evidence: ['__proto__'] })],
    ['an invented entity', said('The pod runs.', { entities: ['N999'] })],
    ['an invented id in its text', said('The pod runs, see E999.')],
    ['an invented entity in its text', said('The pod N999 runs.')],
  ])('drops a sentence with %s', (_name, claim) => {
    expect(droppedBy(claim)).toBe('V2');
  });

  it('lets a sentence speak of evidence by its id', () => {
    expect(hear(said(`The pod runs, as ${POD} says.`)).claim?.evidence).toEqual(BOTH);
  });

  it('is needed: without it a sentence stands on evidence nobody can look up', () => {
    expect(hear(said('The pod runs.', { evidence: [POD, 'E999'] }), 'V2').claim?.evidence).toEqual([POD, 'E999']);
  });
});
