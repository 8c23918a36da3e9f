import type { EvidenceDraft } from '../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { gap } from './draft.ts';

/** The order in which findings of one incident are read and shown when not all can be. */
export function worstFirst(findings: readonly NormalizedFinding[]): NormalizedFinding[] {
  return [...findings].sort((a, b) => b.finding.severity_id - a.finding.severity_id || a.finding.time - b.finding.time);
}

/** How a source shows its alerts. */
export interface AlertView {
  /** Shown one by one; the others become one gap. */
  readonly most: number;
  /** What the gap calls the others, after their number. */
  readonly others: string;
  readonly factOf: (found: NormalizedFinding) => EvidenceDraft['fact'];
  readonly entitiesOf: (found: NormalizedFinding) => EvidenceDraft['entities'];
}

/**
 * The alerts as they came, the worst and oldest first. Never trusted: their texts quote the workload, and no webhook of
 * these vendors is signed.
 */
export function alertDraftsOf(
  findings: readonly NormalizedFinding[],
  observedAt: string,
  { most, others, factOf, entitiesOf }: AlertView,
): EvidenceDraft[] {
  const shown = worstFirst(findings)
    .slice(0, most)
    .map(
      (found): EvidenceDraft => ({
        source: 'alert',
        field: `finding ${found.finding.finding_info.uid}`,
        trust: 'attacker_influenced',
        observedAt,
        fact: factOf(found),
        entities: entitiesOf(found),
      }),
    );
  const rest = findings.length - shown.length;
  if (rest <= 0) return shown;
  return [...shown, gap('findings', observedAt, `${rest} ${others}`, 'only the worst are shown one by one')];
}
