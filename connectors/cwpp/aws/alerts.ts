import type { Fact } from '../../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { techniqueIdsOf } from '../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { effectOf } from '../../../domain/ocsf/effect.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { alertDraftsOf } from '../alert-drafts.ts';
import { workloadEntities } from './entities.ts';

/** Alerts of one incident shown one by one; the worst and oldest first. */
const MAX_ALERTS = 50;

/** The alerts as they came. Names in them are the workload's own. */
export function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return alertDraftsOf(findings, observedAt, {
    most: MAX_ALERTS,
    others: 'further alerts of this incident',
    factOf: alertFact,
    entitiesOf: ({ workload }) => workloadEntities(workload),
  });
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
