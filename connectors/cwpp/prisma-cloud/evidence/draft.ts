import type { Fact } from '../../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { fromApi } from '../../draft.ts';

/** A fact the vendor itself states. `field` is where it was read: `GET /alert/P-1`. */
export function fromVendor(
  field: string,
  observedAt: string,
  fact: Fact,
  entities: readonly EntityRef[] = [],
): EvidenceDraft {
  return fromApi(field, 'vendor', observedAt, fact, entities);
}
