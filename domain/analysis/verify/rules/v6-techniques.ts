import { tacticById, techniqueById } from '../../../attack/catalogue.ts';
import { particularsOf } from '../particulars.ts';
import { drop, type VerifierRule } from '../rule.ts';
import { standsIn } from '../words.ts';

export const v6Techniques: VerifierRule = {
  id: 'V6',
  protects: 'reports and statistics from techniques that do not exist, were retired, or that nobody found here',
  wants: 'only techniques that were listed with the decision, or that stand in the cited evidence.',
  technique(id, { techniques }) {
    if (techniqueById(id) === undefined) return 'is not in the ATT&CK catalogue';
    return techniques.some((known) => known.id === id) ? undefined : 'was not found by the rules';
  },
  claim({ text }, { words, judgement }) {
    const strange = particularsOf(text).some(({ kind, token }) => {
      if (kind !== 'technique') return false;
      const id = token.toUpperCase();
      if (id.startsWith('TA')) return tacticById(id) === undefined;
      const found = judgement.techniques.some((known) => known.id === id) || standsIn(token, words);
      return techniqueById(id) === undefined || !found;
    });
    return strange ? drop('names a technique that neither the rules nor the cited evidence hold') : undefined;
  },
};
