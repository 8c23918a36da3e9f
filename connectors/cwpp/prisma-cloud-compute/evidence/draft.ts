import type { Fact } from '../../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft, Trust } from '../../../../domain/evidence/pack.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';

/** A fact read from the console. `field` is where: `GET /audits/incidents [0].audits[0]`. */
export function fromConsole(
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
  return fromConsole(field, 'own', observedAt, { kind: 'gap', missing, reason: capped(reason, SHORT_TEXT_CAP) });
}
