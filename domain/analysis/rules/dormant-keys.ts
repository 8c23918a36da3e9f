import { disuseOf, isNamed, UNUSED_KEY_POLICIES } from '../../playbooks/dormancy.ts';
import type { RecommendedAction } from '../analysis.ts';
import { entitiesIn, factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** Below this a key is in use as far as anybody would say; a playbook asks for more. */
const LEAST_DAYS = 30;

/**
 * A key that the vendor's own record calls unused, and of which IAM itself says the same. Policies name the user and not the key
 * (the credential report has no key ids), so which key it is comes from IAM alone.
 */
export function deactivateUnused({ pack, confirmation }: Investigation): RecommendedAction[] {
  if (!confirmation.all) return [];
  const named = factsOf(pack, 'alert').filter(
    ({ item, fact }) =>
      item.source !== 'alert' && item.trust === 'vendor' && isNamed(UNUSED_KEY_POLICIES, fact.rule ?? fact.title),
  );
  if (named.length === 0) return [];
  const answers = pack.items.filter(({ id }) => confirmation.evidence.includes(id));
  return factsOf(pack, 'access-key').flatMap(({ item, fact }) => {
    const disuse = disuseOf(fact, item.observedAt);
    const target = entitiesIn(pack, item, 'secret').find(({ canonical }) => canonical === fact.accessKeyId);
    const isRead = item.source === 'cloud_api' && item.trust === 'own';
    if (!isRead || target === undefined || disuse === undefined || disuse.days < LEAST_DAYS) return [];
    const unused =
      fact.lastUsedAt === undefined
        ? `IAM knows of no use since it was made ${disuse.days} days ago`
        : `IAM knows of no use for ${disuse.days} days`;
    return [
      {
        action: 'aws.deactivate-access-key' as const,
        target: target.id,
        parameters: [],
        urgency: 'planned' as const,
        rationale: `Makes an access key of user ${quote(fact.user)} unusable: ${unused}, and the vendor's policy reports it. It is not deleted and can be made active again.`,
        risk: 'A script or program that uses the key very rarely stops working; the key is made active again in one step.',
        evidence: idsOf([item, ...named.map((one) => one.item), ...answers]),
      },
    ];
  });
}
