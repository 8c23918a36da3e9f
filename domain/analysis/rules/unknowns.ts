import type { EvidencePartName } from '../../evidence/pack.ts';
import type { AnalysisBody } from '../analysis.ts';
import { factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

const WHY: Readonly<Record<EvidencePartName, string>> = {
  'alert-details': 'Without it the alert is not confirmed, and nothing may be executed.',
  'runtime-activity': 'Without it what ran, and who started it, is known only as far as the alert tells.',
  vulnerabilities: 'Without it the way in cannot be narrowed down.',
  workload: 'Without it the pod, its replicas and its security context are known only by name.',
  identity: 'Without it the rights of the workload, and so the possible damage, are not known.',
  network: 'Without it who can reach the workload, and whom it reached, is not known.',
  'recent-deployments': 'Without it a change just before the alert would go unnoticed.',
  baseline: 'Without it what is unusual for this workload, and what it shares with other incidents, is not known.',
  'threat-intel': 'Without it whether addresses, names, hashes and vulnerabilities are known elsewhere is not known.',
  history: 'Without it a returning problem looks like a new one.',
};

/** What is not known, each with the reason: named gaps, and what no source was able to show (rule 9). */
export function unknownsOf({
  pack,
  confirmation,
  vulnerabilities,
  judgement,
}: Investigation): AnalysisBody['unknowns'] {
  const gaps = factsOf(pack, 'gap')
    .slice(0, 30)
    .map(({ item, fact }) => ({
      question: `Not known: ${quote(fact.missing)} (${quote(fact.reason)}).`,
      whyItMatters: WHY[item.part],
      evidence: [item.id],
    }));
  const unconfirmed = confirmation.all
    ? []
    : [
        {
          question: confirmation.any
            ? 'Are the alerts that the vendor did not confirm real?'
            : 'Is the alert real? Its vendor has not confirmed it.',
          whyItMatters: 'An unconfirmed alert never leads to an action.',
          evidence: [...confirmation.evidence],
        },
      ];
  const likely = vulnerabilities.filter(({ relevance }) => relevance === 'likely_exploited');
  const entry =
    likely.length === 0 || judgement.verdict === 'undetermined'
      ? []
      : [
          {
            question: `Was ${quote(likely[0]?.piece.fact.cve ?? '')} really the way in? No request that carried the exploit was seen.`,
            whyItMatters: 'If there was another way in, updating the image does not close it.',
            evidence: idsOf(likely.slice(0, 3).flatMap(({ items }) => items)),
          },
        ];
  return [...unconfirmed, ...entry, ...gaps];
}
