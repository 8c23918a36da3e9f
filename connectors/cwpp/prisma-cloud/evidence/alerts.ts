import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { techniqueIdsOf } from '../../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, MESSAGE_CAP } from '../../../../domain/ocsf/text.ts';
import { alertDraftsOf } from '../../alert-drafts.ts';
import { isoTime, recordStateSchema } from '../records.ts';
import { categoryOf, severityOf } from '../vocabulary.ts';
import { fromVendor } from './draft.ts';
import { subjectEntities } from './entities.ts';
import type { Answered } from './part.ts';

/** Alerts of one incident shown one by one; the worst and oldest first. */
const MAX_ALERTS = 30;

/** The alerts as they came: the webhook has no signature, and sentences of Defenders quote the workload. */
export function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  return alertDraftsOf(findings, observedAt, {
    most: MAX_ALERTS,
    others: 'further alerts of this incident',
    factOf: alertFact,
    entitiesOf: subjectEntities,
  });
}

function alertFact({ finding, severity }: NormalizedFinding): EvidenceDraft['fact'] {
  const info = finding.finding_info;
  const title = info.title ?? 'alert';
  return present({
    kind: 'alert' as const,
    findingUid: info.uid,
    title,
    category: info.types?.[0] ?? 'unknown',
    rule: info.analytic?.name,
    message: finding.message ?? title,
    severity,
    occurredAt: new Date(finding.time).toISOString(),
    techniques: techniqueIdsOf(finding),
  });
}

/** The record of a confirmed alert: it carries the vendor's present severity and its advice, which a webhook may not. */
export function recordDraft({ found, record }: Answered, observedAt: string): EvidenceDraft[] {
  if (record === undefined) return [];
  const { alert, raw } = record;
  const severity = severityOf(alert.severity);
  const state = recordStateSchema.safeParse(raw);
  const occurredAt = (state.success ? state.data.alertTime : undefined) ?? isoTime(found.finding.time);
  if (severity === undefined || occurredAt === undefined) return [];
  const title = alert.policyName || found.finding.finding_info.title || 'alert';
  const text = [alert.policyDescription, alert.policyRecommendation && `Recommended: ${alert.policyRecommendation}`];
  const fact = present({
    kind: 'alert' as const,
    findingUid: found.finding.finding_info.uid,
    title,
    category: categoryOf(alert).category,
    rule: alert.policyName || undefined,
    message: capped(text.filter((part) => part !== '').join(' ') || title, MESSAGE_CAP),
    severity,
    occurredAt,
    techniques: techniqueIdsOf(found.finding),
  });
  return [fromVendor(`GET /alert/${alert.alertId}`, observedAt, fact, subjectEntities(found))];
}
