import type { EvidenceDraft } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';

/** The parts of the evidence that are read from the vendor that sent the alert. */
export const CWPP_PARTS = ['alert-details', 'runtime-activity', 'vulnerabilities', 'network'] as const;
export type CwppPart = (typeof CWPP_PARTS)[number];

export interface Gathered {
  readonly drafts: readonly EvidenceDraft[];
  readonly cost: { readonly calls: number; readonly bytes: number; readonly milliseconds: number };
}

/** What a source's folder gives the investigation. */
export interface EvidenceSource {
  /**
   * Reads one part of the evidence about the findings of an incident, within its own budget. Trouble with the vendor
   * never throws: each thing that could not be read is a gap among the drafts.
   * @param deadline when the caller must be finished; nothing is waited for beyond it
   */
  gather(part: CwppPart, findings: readonly NormalizedFinding[], deadline: Date): Promise<Gathered>;
}
