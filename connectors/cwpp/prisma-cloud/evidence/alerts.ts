import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { techniqueIdsOf } from '../../../../domain/ocsf/attacks.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, MESSAGE_CAP } from '../../../../domain/ocsf/text.ts';
import { gap } from '../../draft.ts';
import { isoTime, recordStateSchema } from '../records.ts';
import { categoryOf, severityOf } from '../vocabulary.ts';
import { fromVendor } from './draft.ts';
import { subjectEntities } from './entities.ts';
import type { Answered } from './part.ts';

/** Alerts of one incident shown one by one; the worst and oldest first. */
const MAX_ALERTS = 30;

/** The alerts as they came: the webhook has no signature, and sentences of Defenders quote the workload. */
export function alertDrafts(findings: readonly NormalizedFinding[], observedAt: string): EvidenceDraft[] {
  const ordered = [...findings].sort(
    (a, b) => b.finding.severity_id - a.finding.severity_id || a.finding.time - b.finding.time,
  );
  const drafts = ordered.slice(0, MAX_ALERTS).map((found): EvidenceDraft => {
    const { finding, severity } = found;
    const info = finding.finding_info;
    const title = info.title ?? 'alert';
    return {
      source: 'alert',
      field: `finding ${info.uid}`,
      trust: 'attacker_influenced',
      observedAt,
      fact: present({
        kind: 'alert' as const,
        findingUid: info.uid,
        title,
        category: info.types?.[0] ?? 'unknown',
        rule: info.analytic?.name,
        message: finding.message ?? title,
        severity,
        occurredAt: new Date(finding.time).toISOString(),
        techniques: techniqueIdsOf(finding),
      }),
      entities: subjectEntities(found),
    };
  });
  const rest = findings.length - drafts.length;
  return rest <= 0
    ? drafts
    : [
        ...drafts,
        gap('findings', observedAt, `${rest} further alerts of this incident`, 'only the worst are shown one by one'),
      ];
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
