import { drop, type VerifierRule } from '../rule.ts';
import { readings } from '../words.ts';

/** Words of somebody who concludes. What was seen is not likely, it is. */
const CONCLUDES =
  /\b(?:likely|probably|possibly|presumably|apparently|perhaps|seems?|appears? to|suggests?|indicates? that|may have|might have|could have|must have|consistent with|hypothes\w+)\b/;

export const v3Citations: VerifierRule = {
  id: 'V3',
  protects: 'rule 2 of the design: a sentence without evidence is an opinion, and a conclusion is no observation',
  wants:
    'at least one citation for each sentence, and `inferred` for what follows from evidence instead of standing in it.',
  claim(draft, { cites }) {
    if (cites === 'must' && draft.evidence.length === 0) return drop('cites no evidence');
    if (draft.kind === 'observed' && CONCLUDES.test(readings(draft.text)[0]))
      return { kind: 'change', draft: { ...draft, kind: 'inferred' }, why: 'was called observed but concludes' };
    return undefined;
  },
};
