import type { Configuration } from '../../../domain/config/schema.ts';
import { eventEvidence } from '../detection/evidence.ts';
import type { EvidenceSource } from '../evidence-source.ts';

/** Evidence from what the mapping made of the alert: there is nobody to ask, so nothing is confirmed (rule 7). */
export function evidenceOf(
  configuration: Configuration,
  { now }: { readonly now: () => Date },
): EvidenceSource | undefined {
  if (configuration.sources.generic === undefined) return undefined;
  const reason = 'the generic source has no API to read the alert back from';
  return eventEvidence({ answer: () => ({ confirmed: false, reason }), now });
}
