import type { Fact } from '../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft, Trust } from '../../domain/evidence/pack.ts';
import { capped, SHORT_TEXT_CAP } from '../../domain/ocsf/text.ts';

/**
 * A fact the vendor told, by its API or by an event it vouches for. `field` is where: `GET /audits/incidents [0].audits[0]`,
 * or the root field of a query with the index in its list.
 */
export function fromApi(
  field: string,
  trust: Trust,
  observedAt: string,
  fact: Fact,
  entities: readonly (EntityRef | undefined)[] = [],
): EvidenceDraft {
  return { source: 'cwpp_api', field, trust, observedAt, fact, entities: entities.filter((ref) => ref !== undefined) };
}

/** What could not be read, and why; a gap is evidence of what is not known (rule 9). */
export function gap(field: string, observedAt: string, missing: string, reason: string): EvidenceDraft {
  return fromApi(field, 'own', observedAt, { kind: 'gap', missing, reason: capped(reason, SHORT_TEXT_CAP) });
}
