import { contextSentence } from '../../evidence/describe-context.ts';
import type { EntityKind, EvidencePack } from '../../evidence/pack.ts';
import type { Claim } from '../analysis.ts';
import { claim, factsOf } from './facts.ts';
import type { Investigation } from './investigation.ts';

/** Who can reach it, as whom it acts, whose it is, and what else is known of it; of each kind only the first few. */
export function surroundingsClaims({ pack }: Investigation): Claim[] {
  return [
    ...told(pack, 'exposure', 3, ['instance', 'workload', 'container', 'pod', 'service', 'ip']),
    ...told(pack, 'cloud-identity', 3, ['principal', 'instance', 'workload']),
    ...told(pack, 'ownership', 2, ['instance', 'workload', 'container', 'pod', 'image']),
    ...told(pack, 'related-finding', 4, ['instance', 'workload', 'container', 'pod', 'image']),
    ...told(pack, 'api-call', 4, ['principal', 'ip', 'instance', 'workload']),
    ...failedControls(pack),
  ];
}

function told(
  pack: EvidencePack,
  kind: 'exposure' | 'cloud-identity' | 'ownership' | 'related-finding' | 'api-call',
  most: number,
  kinds: readonly EntityKind[],
): Claim[] {
  return factsOf(pack, kind)
    .slice(0, most)
    .map(({ item, fact }) => claim('observed', contextSentence(fact), [item], { pack, kinds }));
}

/** A control that is met explains nothing. */
function failedControls(pack: EvidencePack): Claim[] {
  return factsOf(pack, 'compliance')
    .filter(({ fact }) => !fact.passed)
    .slice(0, 3)
    .map(({ item, fact }) => claim('observed', contextSentence(fact), [item]));
}
