import { particularsOf } from '../particulars.ts';
import { drop, type VerifierRule } from '../rule.ts';
import { standsIn } from '../words.ts';

export const v2Ids: VerifierRule = {
  id: 'V2',
  protects: 'every citation: an id that does not exist is a proof nobody can look up',
  wants: 'only ids of evidence and entities that were given, in lists and in texts.',
  claim({ text, evidence, entities }, { ground, words }) {
    if (evidence.some((id) => !ground.items.has(id))) return drop('cites evidence that does not exist');
    if (entities.some((id) => !ground.entities.has(id))) return drop('names an entity that does not exist');
    const strange = particularsOf(text).some(
      ({ kind, token }) =>
        kind === 'id' &&
        !ground.items.has(token.toUpperCase()) &&
        !ground.entities.has(token.toUpperCase()) &&
        !standsIn(token, words),
    );
    return strange ? drop('speaks of an id that does not exist') : undefined;
  },
};
