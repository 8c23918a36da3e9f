import { type Correlated, isExploited } from '../../correlation/correlate.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import type { Analysis, AnalysisBody, Verdict } from '../analysis.ts';
import type { Confirmation } from '../confirmation.ts';
import { type Behaviour, isStrong } from './behaviours.ts';
import { factsOf } from './facts.ts';

export interface Judgement {
  readonly outcome: AnalysisBody['outcome'];
  readonly verdict: Verdict;
  readonly confidence: Analysis['confidence'];
}

/** Two also come together where a build runs what it fetched. */
const SIGNS_OF_EXPLOITATION = 3;

const VULNERABILITY_CATEGORY = /vulnerab/i;
const CONFIGURATION_CATEGORY = /complian|misconfig/i;

/**
 * The rules never say `benign`: nothing in an alert's own evidence can prove it, and it is what an attacker would want.
 * An alert nobody confirmed is not judged at all (rule 7).
 */
export function judge(
  pack: EvidencePack,
  behaviours: readonly Behaviour[],
  confirmation: Confirmation,
  vulnerabilities: readonly Pick<Correlated, 'relevance'>[],
): Judgement {
  if (!confirmation.any) return { outcome: 'insufficient_evidence', verdict: 'undetermined', confidence: 'low' };
  const strong = behaviours.filter(({ name }) => isStrong(name));
  const observed = new Set(behaviours.filter(({ basis }) => basis === 'observed').map(({ name }) => name));
  const classified = strong.some(({ basis }) => basis === 'vendor');
  const seen = strong.some(({ basis }) => basis === 'observed');
  // A detection's name alone is a claim of the vendor's rules; a process that shows it is the corroboration.
  const corroborating = [...observed].filter((name) => name !== 'unlearned-activity').length;
  if ((classified && corroborating > 0) || (seen && observed.size > 1)) {
    return analysed('malicious', classified && seen && observed.size > 1 ? 'high' : 'medium');
  }
  // A flaw that is attacked, a process that uses it, and below that process several things an exploit leads to.
  if (vulnerabilities.some(isExploited) && corroborating >= SIGNS_OF_EXPLOITATION)
    return analysed('malicious', 'medium');
  if (strong.length > 0 || observed.size > 0) return analysed('suspicious', observed.size > 1 ? 'medium' : 'low');
  return withoutBehaviour(pack);
}

function withoutBehaviour(pack: EvidencePack): Judgement {
  const categories = factsOf(pack, 'alert').map(({ fact }) => fact.category);
  const isRuntime = (category: string): boolean =>
    !VULNERABILITY_CATEGORY.test(category) && !CONFIGURATION_CATEGORY.test(category);
  if (categories.some(isRuntime)) return analysed('suspicious', 'low');
  if (categories.some((category) => CONFIGURATION_CATEGORY.test(category)))
    return analysed('misconfiguration', 'medium');
  if (factsOf(pack, 'vulnerability').length > 0) return analysed('vulnerability_only', 'medium');
  return { outcome: 'insufficient_evidence', verdict: 'undetermined', confidence: 'low' };
}

function analysed(verdict: Verdict, confidence: Judgement['confidence']): Judgement {
  return { outcome: 'analysed', verdict, confidence };
}

/** Verdicts that call for a response. */
export function callsForResponse(verdict: Verdict): boolean {
  return verdict === 'malicious' || verdict === 'suspicious';
}
