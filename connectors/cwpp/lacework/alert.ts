import { type EntityMap, entityMapOf } from './entity-map.ts';
import { isRecord, textOf } from './lenient.ts';
import { apiAlertSchema, detailSchema, envelopeSchema, webhookSchema } from './schema.ts';

/** One alert, whichever way it came. Texts are empty where nothing was sent. */
export interface LaceworkAlert {
  readonly form: 'webhook' | 'event' | 'api';
  readonly id: string;
  readonly tenant: string;
  readonly title: string;
  /** `NewExternalClientBadIp`; a webhook has none, only a category. */
  readonly type: string;
  readonly category: string;
  readonly source: string;
  readonly severity: string;
  readonly description: string;
  /** In the order in which they are believed. */
  readonly times: readonly string[];
  readonly link: string;
  /** Rule or policy: recommendation id, rule id. */
  readonly rule: string;
  readonly status: string;
  readonly facts: readonly string[];
  readonly entities: EntityMap;
}

export type AlertReading =
  | { readonly ok: true; readonly alerts: readonly LaceworkAlert[] }
  | { readonly ok: false; readonly reason: string };

/** More supporting facts are not shown. */
const MAX_FACTS = 20;
/** Alerts of one polled page. */
const MAX_ALERTS = 5_000;

const NOT_OURS =
  'the body must be an alert of Lacework: the custom webhook (event_id, event_title), an EventBridge event of type LaceworkEvents, or an alert of the API (alertId)';

/** The form is told by what is there, not by the channel: all of them are read back before anything follows from them. */
export function readAlerts(body: unknown): AlertReading {
  if (!isRecord(body)) return { ok: false, reason: NOT_OURS };
  if ('detail' in body || 'detail-type' in body) return readEvent(body);
  if ('EVENT_ID' in body || 'EVENT_DETAILS' in body) return one(fromDetail(body));
  if ('event_id' in body || 'event_title' in body) return one(fromWebhook(body));
  if ('alert' in body || 'alerts' in body || 'data' in body || 'alertId' in body) return readApi(body);
  return { ok: false, reason: NOT_OURS };
}

function one(alert: LaceworkAlert | undefined): AlertReading {
  return alert ? { ok: true, alerts: [alert] } : { ok: false, reason: NOT_OURS };
}

function readEvent(body: Readonly<Record<string, unknown>>): AlertReading {
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success || envelope.data['detail-type'] !== 'LaceworkEvents') {
    return { ok: false, reason: 'the event is not of detail type LaceworkEvents; check the rule of the event bus' };
  }
  if (!isRecord(envelope.data.detail)) return { ok: false, reason: 'the event has no detail object' };
  return one(fromDetail(envelope.data.detail));
}

function fromDetail(detail: unknown): LaceworkAlert | undefined {
  const parsed = detailSchema.safeParse(detail);
  if (!parsed.success) return undefined;
  const event = parsed.data;
  const data = event.EVENT_DETAILS.data;
  const [first] = data;
  const entities = entityMapOf(...data.map((part) => part.ENTITY_MAP));
  return {
    form: 'event',
    id: event.EVENT_ID || (first?.EVENT_ID ?? ''),
    tenant: event.ACCOUNT,
    title: event.EVENT_NAME,
    type: event.EVENT_TYPE || (first?.EVENT_TYPE ?? ''),
    category: event.EVENT_CATEGORY,
    source: event.SOURCE,
    severity: event.SEVERITY,
    description: event.SUMMARY,
    times: [first?.START_TIME ?? '', event.START_TIME],
    link: event.LINK,
    rule:
      entities.texts('RecId', 'REC_ID')[0] ??
      entities.texts('RulesTriggered', 'RULE_ID')[0] ??
      entities.texts('CustomRule', 'RULE_GUID')[0] ??
      '',
    status: '',
    facts: event.SUPPORTING_FACTS.flatMap((fact) => [
      fact.supportingFactText,
      ...fact.subElements.map((element) => element.supportingFactText),
    ])
      .filter((fact) => fact !== '')
      .slice(0, MAX_FACTS),
    entities,
  };
}

function fromWebhook(body: unknown): LaceworkAlert | undefined {
  const parsed = webhookSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const sent = parsed.data;
  return {
    form: 'webhook',
    id: sent.event_id,
    tenant: sent.lacework_account,
    title: sent.event_title,
    type: '',
    category: sent.event_type,
    source: sent.event_source,
    severity: sent.event_severity,
    description: sent.event_description,
    times: [sent.event_timestamp],
    link: sent.event_link,
    rule: sent.rec_id,
    status: '',
    facts: [],
    entities: entityMapOf(),
  };
}

/**
 * What a poll hands in: `{"laceworkAccount": tenant, "alert": …}`, because an alert of the API does not say whose it is;
 * also the API's own answers, `{"data": alert | [alert, …]}`, and an alert alone.
 */
function readApi(body: Readonly<Record<string, unknown>>): AlertReading {
  const tenant = textOf(body['laceworkAccount']);
  const held = body['alert'] ?? body['alerts'] ?? body['data'] ?? body;
  const items = (Array.isArray(held) ? held : [held]).slice(0, MAX_ALERTS);
  const alerts = items.flatMap((item) => fromApi(item, tenant) ?? []);
  if (alerts.length === 0 && items.length > 0) return { ok: false, reason: NOT_OURS };
  return { ok: true, alerts };
}

function fromApi(item: unknown, tenant: string): LaceworkAlert | undefined {
  if (!isRecord(item) || !('alertId' in item) || !('alertName' in item || 'alertType' in item)) return undefined;
  const parsed = apiAlertSchema.safeParse(item);
  if (!parsed.success) return undefined;
  const alert = parsed.data;
  return {
    form: 'api',
    id: alert.alertId,
    tenant,
    title: alert.alertName || alert.alertInfo.subject,
    type: alert.alertType,
    category: alert.derivedFields.sub_category || alert.derivedFields.category,
    source: alert.derivedFields.source,
    severity: alert.severity,
    description: alert.alertInfo.description,
    times: [alert.startTime],
    link: '',
    rule: alert.policyId,
    status: alert.status,
    facts: [],
    entities: entityMapOf(alert.entityMap),
  };
}
