import { particularsOf } from '../particulars.ts';
import { drop, type VerifierRule } from '../rule.ts';
import { standsIn } from '../words.ts';

export const v5Vulnerabilities: VerifierRule = {
  id: 'V5',
  protects: 'teams from patching against a vulnerability that nobody found',
  wants: 'a CVE or GHSA id only where the cited evidence holds it literally.',
  claim({ text }, { words }) {
    const strange = particularsOf(text).some(({ kind, token }) => kind === 'cve' && !standsIn(token, words));
    return strange ? drop('names a vulnerability that the cited evidence does not hold') : undefined;
  },
};
