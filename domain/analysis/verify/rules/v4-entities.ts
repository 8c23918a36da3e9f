import type { VerifierRule } from '../rule.ts';

export const v4Entities: VerifierRule = {
  id: 'V4',
  protects: 'things that have nothing to do with the incident from being tied to it',
  wants: 'only entities that the cited evidence lists.',
  claim(draft, { items }) {
    const named = [...new Set(draft.entities)];
    const held = named.filter((id) => items.some((item) => item.entities.includes(id)));
    if (held.length === named.length) return undefined;
    return {
      kind: 'change',
      draft: { ...draft, entities: held },
      why: 'names an entity that the cited evidence does not hold',
    };
  },
};
