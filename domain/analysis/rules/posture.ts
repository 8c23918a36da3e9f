import type { RecommendedAction } from '../analysis.ts';
import { entitiesIn, enumerate, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** By how much makes it worse: nothing, exposure or rights alone, or a powerful identity that anybody can try to reach. */
const URGENCIES = ['planned', 'soon', 'immediate'] as const;

/** What makes a misconfiguration worse than its name: who can reach it, and what it may do. */
export function postureWords({ pack }: Pick<Investigation, 'pack'>): string[] {
  const exposed = factsOf(pack, 'exposure').some(({ fact }) => fact.reachableFromInternet === true);
  const admins = factsOf(pack, 'cloud-identity').filter(({ fact }) => fact.admin === true);
  return [
    ...(exposed ? ['reachable from the internet'] : []),
    ...admins.slice(0, 1).map(({ fact }) => `${quote(fact.name, 80)} has administrator rights`),
  ];
}

/**
 * What to do about a misconfiguration: the vendor's own words, because only its record says what its policy wants. People do
 * it; nothing here can be executed.
 */
export function mendConfiguration({ pack, confirmation }: Investigation): RecommendedAction[] {
  const read = factsOf(pack, 'alert').filter(({ item }) => item.source !== 'alert' && item.trust === 'vendor');
  const target = read
    .flatMap(({ item }) =>
      (['instance', 'workload', 'container', 'image'] as const).flatMap((kind) => entitiesIn(pack, item, kind)),
    )
    .at(0);
  if (target === undefined) return [];
  const titles = [...new Set(read.map(({ fact }) => `"${quote(fact.title, 160)}"`))].slice(0, 5);
  const advice = [...new Set(read.flatMap(({ fact }) => recommendationIn(fact.message)))].slice(0, 3);
  const answers = pack.items.filter(({ id }) => confirmation.evidence.includes(id));
  const worse = [...factsOf(pack, 'exposure'), ...factsOf(pack, 'cloud-identity')].map(({ item }) => item);
  return [
    {
      action: 'advice.investigate',
      target: target.id,
      parameters: [],
      urgency: URGENCIES[postureWords({ pack }).length] ?? 'immediate',
      rationale: `Mend what the vendor's policies found: ${enumerate(titles)}.${advice.map((text) => ` The vendor recommends: ${text}`).join('')}`,
      risk: 'Whoever relies on the present configuration loses what it allowed; ask its owner first.',
      evidence: idsOf([...read.map(({ item }) => item), ...worse, ...answers]),
    },
  ];
}

function recommendationIn(message: string): string[] {
  const text = /\bRecommended: (.+)$/s.exec(message)?.[1];
  return text === undefined ? [] : [quote(text, 400)];
}
