import { isIP } from 'node:net';
import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import { fromApi } from '../../draft.ts';
import { categoryOf } from '../alert-types.ts';
import { entityMapOf } from '../entity-map.ts';
import type { CloudEvent, RelatedAlert } from '../records.ts';
import type { ApiAlert } from '../schema.ts';
import { severityOf, UNKNOWN_SEVERITY } from '../severity.ts';
import { isoTimeOf } from '../time.ts';
import { entity, subjectEntities } from './entities.ts';
import { type PartContext, rangeOf } from './part.ts';

const DETAILS = 'GET /Alerts/{id} scope=Details';
const EVENTS = 'GET /Alerts/{id} scope=Events';
const MAX_EACH = 20;

type Subject = readonly EntityRef[];

/** The alert as the vendor's own record has it, where that says something else than the delivery. */
export function vendorAlert(record: ApiAlert, found: NormalizedFinding, now: Date): EvidenceDraft[] {
  const at = isoTimeOf(record.startTime, now.getTime()) ?? new Date(found.finding.time).toISOString();
  const category = {
    type: record.alertType,
    category: record.derivedFields.sub_category || record.derivedFields.category,
  };
  const fact = present({
    kind: 'alert' as const,
    findingUid: found.finding.finding_info.uid,
    title: record.alertName || record.alertType || 'alert',
    category: categoryOf(category),
    rule: record.policyId || undefined,
    message: record.alertInfo.description || record.alertInfo.subject || record.alertName,
    severity: severityOf(record.severity) ?? found.severity,
    occurredAt: at,
    techniques: [],
  });
  const { title, types } = found.finding.finding_info;
  // A posture alert is written by the vendor's policy alone; what it says is what must be mended.
  if (/^complian/i.test(fact.category)) {
    const words = { ...fact, message: record.alertInfo.subject || fact.title };
    return [fromApi(DETAILS, 'vendor', now.toISOString(), words, subjectEntities(found))];
  }
  if (fact.title === title && fact.severity === found.severity && types?.[0] === fact.category) return [];
  return [fromApi(DETAILS, 'attacker_influenced', now.toISOString(), fact, subjectEntities(found))];
}

/** The vendor's questions about the last 60 days, with its answers. */
export function questionDrafts(
  questions: readonly { readonly question: string; readonly answer: string }[],
  { id, observedAt, subject }: { readonly id: string; readonly observedAt: string; readonly subject: Subject },
): EvidenceDraft[] {
  return questions
    .slice(0, MAX_EACH)
    .filter(({ question, answer }) => question !== '' && answer !== '')
    .map(({ question, answer }, index) =>
      fromApi(
        'GET /Alerts/{id} scope=Investigation',
        'vendor',
        observedAt,
        {
          kind: 'related-finding',
          uid: `${id}/investigation/${index}`,
          title: capped(`${question} ${answer}`, SHORT_TEXT_CAP),
          category: 'investigation',
          severity: 'informational',
        },
        subject,
      ),
    );
}

export function relatedDrafts(
  related: readonly RelatedAlert[],
  { observedAt, subject, now }: { readonly observedAt: string; readonly subject: Subject; readonly now: number },
): EvidenceDraft[] {
  return related.slice(0, MAX_EACH).flatMap((alert) => {
    const uid = alert.eventId || alert.alertId;
    const title = alert.eventName || alert.alertName;
    if (uid === '' || title === '') return [];
    const fact = present({
      kind: 'related-finding' as const,
      uid,
      title,
      category: alert.eventType || 'alert',
      severity: severityOf(alert.severity) ?? UNKNOWN_SEVERITY,
      at: isoTimeOf(alert.startTime, now),
    });
    return [fromApi('GET /Alerts/{id} scope=RelatedAlerts', 'vendor', observedAt, fact, subject)];
  });
}

/** Cloud calls behind the alert; only alerts from cloud logs have them. */
export async function readCalls(context: PartContext, record: ApiAlert, subject: Subject): Promise<EvidenceDraft[]> {
  if (
    !/aws|cloud|gcp|azure|k8s|kubernetes/i.test(`${record.derivedFields.source} ${record.derivedFields.sub_category}`)
  ) {
    return [];
  }
  const { attempts, lacework, now } = context;
  const events = await attempts.list(EVENTS, 'the cloud calls behind the alert', () =>
    lacework.scope(record.alertId, 'Events'),
  );
  return events.slice(0, MAX_EACH).flatMap((event, index) => {
    const fact = callOf(event, now().getTime());
    if (fact === undefined) return [];
    const refs = [...subject, entity('principal', fact.principal), entity('ip', fact.sourceIp)];
    return [fromApi(`${EVENTS} [${index}]`, 'attacker_influenced', now().toISOString(), fact, refs)];
  });
}

function callOf(event: CloudEvent, now: number) {
  const at = isoTimeOf(event.eventTime, now);
  if (event.eventName === '' || at === undefined) return undefined;
  return present({
    kind: 'api-call' as const,
    operation: event.eventName,
    service: event.eventSource || undefined,
    principal: event.username || undefined,
    sourceIp: isIP(event.sourceIPAddress) === 0 ? undefined : event.sourceIPAddress,
    succeeded: event.errorCode === '',
    at,
  });
}

/** Recommendation and resources of a posture alert, and how the vendor rates them now. */
export async function complianceDrafts(
  context: PartContext,
  record: ApiAlert,
  found: NormalizedFinding,
): Promise<EvidenceDraft[]> {
  const { attempts, lacework, now } = context;
  const entities = entityMapOf(record.entityMap);
  const [control] = entities.texts('RecId', 'REC_ID');
  if (control === undefined || !/^[A-Za-z0-9_.-]{1,64}$/.test(control)) return [];
  const subject = subjectEntities(found);
  const resources = new Set(entities.texts('NewViolation', 'RESOURCE'));
  const said = entities
    .rows('NewViolation')
    .slice(0, MAX_EACH)
    .map((row) => ({
      passed: false,
      reason: `${row.text('REASON') || 'not compliant'} (${row.text('RESOURCE') || 'no resource named'})`,
      field: DETAILS,
    }));
  const evaluations = await attempts.list(
    'POST /Configs/ComplianceEvaluations/search',
    'how the control is rated now',
    () => lacework.evaluations(rangeOf(context), control),
  );
  const rated = evaluations
    .filter(({ resource }) => resources.has(resource))
    .slice(0, MAX_EACH)
    .map(({ status, reason, resource }) => ({
      passed: /^compliant$/i.test(status),
      reason: `${reason || status} (${resource}), as evaluated since`,
      field: 'POST /Configs/ComplianceEvaluations/search',
    }));
  const [title] = entities.texts('RecId', 'TITLE');
  return [...said, ...rated].map(({ passed, reason, field }) =>
    fromApi(
      field,
      'vendor',
      now().toISOString(),
      { kind: 'compliance', control: title ? `${control} ${title}` : control, passed, reason },
      subject,
    ),
  );
}
