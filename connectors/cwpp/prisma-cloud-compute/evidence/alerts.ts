import type { FactOf } from '../../../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { techniqueIdsOf } from '../../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { effectOf } from '../../../../domain/ocsf/effect.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { alertDraftsOf } from '../../alert-drafts.ts';
import { fromApi } from '../../draft.ts';
import { humanised, severityOf } from '../categories.ts';
import type { RuntimeAudit } from '../records.ts';
import { techniqueIdsFor } from '../techniques.ts';
import { containerEntity, subjectEntities } from './entities.ts';

/** Alerts of one incident shown one by one; the worst and oldest first. */
const MAX_ALERTS = 50;

/** The alerts as they came. Their messages quote the workload, and the webhook has no signature. */
export function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return alertDraftsOf(findings, observedAt, {
    most: MAX_ALERTS,
    others: 'further alerts of this incident',
    factOf: alertFact,
    entitiesOf: subjectEntities,
  });
}

function alertFact({ finding, severity }: NormalizedFinding): EvidenceDraft['fact'] {
  const { finding_info: info, metadata } = finding;
  const title = info.title ?? metadata.event_code ?? 'alert';
  return present({
    kind: 'alert',
    findingUid: info.uid,
    title,
    category: info.types?.[0] ?? metadata.event_code ?? 'unknown',
    rule: info.analytic?.name,
    message: finding.message ?? title,
    severity,
    occurredAt: new Date(finding.time).toISOString(),
    techniques: techniqueIdsOf(finding),
    effect: effectOf(finding),
  });
}

/** The audits of a confirmed record: they carry the vendor's own severity and technique list, which webhooks do not. */
export function auditAlertDrafts(
  audits: readonly RuntimeAudit[],
  of: { readonly findingUid: string; readonly field: string; readonly observedAt: string },
): EvidenceDraft[] {
  return audits.slice(0, MAX_ALERTS).flatMap((audit, index) => {
    const severity = severityOf(audit.severity);
    if (severity === undefined || audit.attackType === undefined || audit.time === undefined) return [];
    const fact = present({
      kind: 'alert' as const,
      findingUid: of.findingUid,
      title: humanised(audit.attackType),
      category: audit.attackType,
      rule: audit.ruleName,
      message: audit.msg ?? humanised(audit.attackType),
      severity,
      occurredAt: audit.time,
      techniques: techniqueIdsFor(audit.attackTechniques),
      effect: auditEffect(audit),
    });
    return [
      fromApi(`${of.field}.audits[${index}]`, 'attacker_influenced', of.observedAt, fact, [
        containerEntity(audit.containerId, audit.containerName),
      ]),
    ];
  });
}

/** `prevent` stops one process, write or look-up, `block` the whole container (reference, section 6); `alert` and `disable` nothing. */
export function auditEffect({ effect }: Pick<RuntimeAudit, 'effect'>): FactOf<'alert'>['effect'] {
  switch (effect?.toLowerCase()) {
    case 'prevent':
      return 'prevented';
    case 'block':
      return 'blocked';
    default:
      return undefined;
  }
}
