import type { EntityRef, EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { present } from '../../../../domain/ocsf/present.ts';
import { resultOf } from '../../attempts.ts';
import type { AlertRecord } from '../client.ts';
import type { TimelineEntry } from '../records.ts';
import { recordStateSchema } from '../records.ts';
import { categoryOf, severityOf, UNKNOWN_SEVERITY } from '../vocabulary.ts';
import { fromVendor } from './draft.ts';
import { principalEntity, subjectEntities } from './entities.ts';
import { confirmedSubject, type PartReader, readAsset } from './part.ts';

const DAY_MS = 24 * 3_600_000;
/** Posture alerts stand for days before anybody uses what they report, so "recent" is a week. */
const DAYS_BEFORE = 7;
const MAX_RELATED = 20;
const MAX_EVENTS = 30;

/** Other recent alerts about the same resource, and who changed it through the cloud's API. */
export const readRuntimeActivity: PartReader = async (context) => {
  const { client, attempts, findings, now } = context;
  const subject = await confirmedSubject(context, 'recent alerts and changes of the asset');
  if (subject === undefined) return [];
  const { record, found } = subject;
  const { resourceId, accountId } = record.alert;
  const first = Math.min(...findings.map(({ finding }) => finding.time));
  const from = new Date(first - DAYS_BEFORE * DAY_MS);
  const related =
    resourceId === ''
      ? undefined
      : resultOf(
          await attempts.list('POST /v2/alert', 'other recent alerts about the resource', () =>
            client.alertsOf({ resourceId, accountId: accountId || undefined, from, to: now() }),
          ),
        );
  const asset = await readAsset(context, record, 'timeline', 'the changes of the asset');
  const observedAt = now().toISOString();
  const entities = subjectEntities(found);
  const known = new Set(findings.map(({ readBack }) => readBack['alertId']?.toUpperCase()));
  const others = (related?.items ?? []).filter(
    ({ alert }) => alert.resourceId === resourceId && !known.has(alert.alertId.toUpperCase()),
  );
  return [
    ...others.slice(0, MAX_RELATED).map((other) => relatedDraft(other, observedAt, entities)),
    ...eventDrafts(asset?.timeline ?? [], from, observedAt, entities),
  ];
};

function relatedDraft({ alert, raw }: AlertRecord, observedAt: string, entities: readonly EntityRef[]): EvidenceDraft {
  const state = recordStateSchema.safeParse(raw);
  const fact = present({
    kind: 'related-finding' as const,
    uid: alert.alertId,
    title: alert.policyName || 'alert',
    category: categoryOf(alert).category,
    severity: severityOf(alert.severity) ?? UNKNOWN_SEVERITY,
    status: alert.status || undefined,
    at: state.success ? state.data.alertTime : undefined,
  });
  return fromVendor(`POST /v2/alert ${alert.alertId}`, observedAt, fact, entities);
}

/** Events of the timeline are calls of the cloud's API; its states and vulnerabilities are read elsewhere. */
function eventDrafts(
  timeline: readonly TimelineEntry[],
  from: Date,
  observedAt: string,
  entities: readonly EntityRef[],
): EvidenceDraft[] {
  return timeline
    .flatMap(({ type, eventName, eventType, user, timestamp }) => {
      if (type?.toLowerCase() !== 'event' || eventName === undefined || timestamp === undefined) return [];
      if (Date.parse(timestamp) < from.getTime()) return [];
      const fact = present({
        kind: 'api-call' as const,
        operation: eventName,
        service: eventType,
        principal: user,
        at: timestamp,
      });
      const about = [...principalEntity(user), ...entities];
      // The name of a role's session is chosen by whoever assumes it.
      const trust = 'attacker_influenced' as const;
      return [{ ...fromVendor('POST /uai/v1/asset (timeline)', observedAt, fact, about), trust }];
    })
    .slice(0, MAX_EVENTS);
}
