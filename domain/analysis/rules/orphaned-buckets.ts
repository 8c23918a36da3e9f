import { isNamed } from '../../playbooks/dormancy.ts';
import { BUCKET_ARN, OPEN_BUCKET_POLICIES } from '../../playbooks/vocabulary.ts';
import type { RecommendedAction } from '../analysis.ts';
import { entitiesIn, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** An open bucket that no tag names an owner for: whoever looks at it next shall find the incident. Closing it is for people. */
export function markOrphans({ pack, confirmation }: Investigation): RecommendedAction[] {
  const { workload } = pack;
  const bucket = workload.kind === 'resource' ? (workload.uid ?? '') : '';
  if (!confirmation.all || !BUCKET_ARN.test(bucket)) return [];
  if (factsOf(pack, 'ownership').some(({ fact }) => fact.team !== undefined)) return [];
  const answers = pack.items.filter(({ id }) => confirmation.evidence.includes(id));
  const named = factsOf(pack, 'alert').filter(
    ({ item, fact }) =>
      item.source !== 'alert' && item.trust === 'vendor' && isNamed(OPEN_BUCKET_POLICIES, fact.rule ?? fact.title),
  );
  const target = named
    .flatMap(({ item }) => entitiesIn(pack, item, 'workload'))
    .find(({ canonical }) => canonical.endsWith(`/${bucket}`));
  if (target === undefined) return [];
  return [
    {
      action: 'aws.tag-resource',
      target: target.id,
      parameters: [],
      urgency: 'planned',
      rationale: `Marks ${quote(target.label, 120)} with the incident, because no tag names who owns it and the vendor's policy finds it open to the public. Nothing else of it is changed.`,
      risk: 'None: tags with keys of our own, and no access depends on them.',
      evidence: idsOf([...named.map(({ item }) => item), ...answers]),
    },
  ];
}
