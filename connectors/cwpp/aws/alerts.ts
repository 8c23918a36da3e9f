import type { Fact } from '../../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { techniqueIdsOf } from '../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { effectOf } from '../../../domain/ocsf/effect.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { gap } from '../draft.ts';
import { workloadEntities } from './entities.ts';

/** Alerts of one incident shown one by one; the worst and oldest first. */
const MAX_ALERTS = 50;

/** The alerts as they came. Names in them are the workload's own. */
export function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  const ordered = [...findings].sort(
    (a, b) => b.finding.severity_id - a.finding.severity_id || a.finding.time - b.finding.time,
  );
  const drafts = ordered.slice(0, MAX_ALERTS).map(
    (found): EvidenceDraft => ({
      source: 'alert',
      field: `finding ${found.finding.finding_info.uid}`,
      trust: 'attacker_influenced',
      observedAt,
      fact: alertFact(found),
      entities: workloadEntities(found.workload),
    }),
  );
  const rest = findings.length - drafts.length;
  if (rest <= 0) return drafts;
  return [
    ...drafts,
    gap('findings', observedAt, `${rest} further alerts of this incident`, 'only the worst are shown one by one'),
  ];
}

export function alertFact({ finding, severity }: NormalizedFinding): Fact {
  const { finding_info: info, metadata } = finding;
  const title = info.title ?? metadata.event_code ?? 'alert';
  return present({
    kind: 'alert' as const,
    findingUid: info.uid,
    title,
    category: info.types?.[0] ?? metadata.event_code ?? 'unknown',
    message: finding.message ?? title,
    severity,
    occurredAt: new Date(finding.time).toISOString(),
    techniques: techniqueIdsOf(finding),
    effect: effectOf(finding),
  });
}
