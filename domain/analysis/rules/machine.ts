import type { RecommendedAction } from '../analysis.ts';
import { entitiesIn, enumerate, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { suspectsOf } from './narrative-activity.ts';

/**
 * What to do about a machine: nothing in the catalogue acts on one, so people do it. Only for alerts the vendor confirmed;
 * the target is the machine the confirmation speaks of.
 */
export function isolateMachine(investigation: Investigation): RecommendedAction[] {
  const { pack, judgement, confirmation } = investigation;
  const answers = pack.items.filter(({ id }) => confirmation.evidence.includes(id));
  const target = answers.flatMap((item) => entitiesIn(pack, item, 'instance')).at(0);
  if (pack.workload.kind !== 'host' || !confirmation.all || target === undefined) return [];
  const logins = factsOf(pack, 'api-call').filter(({ fact }) => fact.operation === 'log-in' && fact.succeeded === true);
  const users = [...new Set(logins.flatMap(({ fact }) => fact.principal ?? []))]
    .slice(0, 5)
    .map((user) => quote(user, 80));
  const accounts =
    users.length === 0 ? 'of everybody who used it' : `of ${enumerate(users)}, who logged in around that time`;
  return [
    {
      action: 'advice.investigate',
      target: target.id,
      parameters: [],
      urgency: judgement.verdict === 'malicious' ? 'immediate' : 'soon',
      rationale: `Cut host ${quote(target.label, 120)} off from the network without stopping it, so that its memory and disk can still be examined, and replace the credentials ${accounts}, together with every secret the host could read.`,
      risk: 'Whatever runs on the host stops serving; what uses the old credentials fails until it has the new ones.',
      evidence: idsOf([
        ...answers,
        ...suspectsOf(investigation).flatMap(({ items }) => items),
        ...investigation.behaviours.flatMap(({ items }) => items),
        ...logins.map(({ item }) => item),
      ]),
    },
  ];
}
