import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, MESSAGE_CAP } from '../../../domain/ocsf/text.ts';
import { maxSeverity, type Severity } from '../../../domain/severity.ts';
import type { Workload } from '../../../domain/workload.ts';
import { type EventType, isFirewallType } from './alert-types.ts';
import { humanised, meaningOf, severityOf, UNKNOWN_CATEGORY_SEVERITY } from './categories.ts';
import { cloudOf, commonAttributes, short } from './common.ts';
import type { DeliveryContext } from './context.ts';
import { evidencesOf, processOf } from './evidences.ts';
import { deduplicationKeyOf, findingUidOf } from './identity.ts';
import { readMessage } from './message.ts';
import { type ReadBack, rangeAround, writeReadBack } from './read-back.ts';
import { resourcesOf, unmappedOf } from './resources.ts';
import type { WebhookBody } from './schema.ts';
import { readTechniques } from './techniques.ts';
import { parseVendorTime, type VendorTime } from './time.ts';
import { admissionWorkload, onlyOne, workloadOf } from './workload.ts';

export type Reading =
  | { readonly ok: true; readonly findings: readonly NormalizedFinding[]; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** One audit (runtime, web application firewall, admission) or one incident as a finding. */
export function eventFinding(type: EventType, sent: WebhookBody, delivery: DeliveryContext): Reading {
  const alert = type === 'admission' ? { ...sent, category: 'admission' } : sent;
  if (type === 'admission' && !alert.message && !alert.rule) {
    return refused('an admission alert says nothing (message and rule are empty); add these macros to the template');
  }
  if (!alert.message && !alert.category && !alert.incidentId) {
    return refused(
      `a ${type} alert says nothing (message, category and incidentId are empty); add these macros to the template`,
    );
  }
  const where = type === 'admission' ? admissionWorkload(alert) : workloadOf(alert);
  if (!where) {
    return refused(
      type === 'admission'
        ? 'an admission alert names not exactly one cluster; add the macro #clusters to the template'
        : `a ${type} alert names no container, host, function, app or image; add these macros to the template`,
    );
  }
  const notes = [...where.notes];
  const time = timeOf(alert, delivery, notes);
  const severity = deriveSeverity(alert, notes);
  const techniques = readTechniques(meaningOf(alert.category)?.techniques ?? []);
  notes.push(...techniques.notes);
  if (alert.dropped > 0)
    notes.push(`the vendor dropped ${alert.dropped} further events of this alert before it was sent`);
  const deduplicationKey = deduplicationKeyOf(type, alert);
  const finding = buildFinding({ type, alert, delivery, workload: where.workload, time, severity, deduplicationKey });
  const attacks = some(techniques.attacks);
  if (attacks) finding.finding_info.attacks = attacks;
  return {
    ok: true,
    findings: [
      {
        source: 'prisma-cloud-compute',
        finding,
        workload: where.workload,
        severity,
        deduplicationKey,
        readBack: writeReadBack(readBackOf(type, alert, time)),
      },
    ],
    notes,
  };
}

function refused(reason: string): Reading {
  return { ok: false, reason };
}

/** The vendor's time, or the time of receipt with a note: a wrong clock must not push an alert out of its window. */
export function timeOf(
  alert: Pick<WebhookBody, 'time' | 'incidentTime'>,
  delivery: DeliveryContext,
  notes: string[],
): VendorTime {
  const receivedAt = Date.parse(delivery.receivedAt);
  const text = alert.time || alert.incidentTime;
  const read = parseVendorTime(text, receivedAt);
  if (!read) {
    const shown = JSON.stringify(capped(text, 64));
    notes.push(
      text
        ? `the time ${shown} is not usable; the time of receipt stands in`
        : 'no time was sent; the time of receipt stands in',
    );
    return { at: receivedAt, precision: 'second' };
  }
  if (read.precision === 'day')
    notes.push(`the time ${JSON.stringify(text)} has no time of day; the start of that day stands in`);
  return read;
}

/** The documented severity of the category; a severity the template sends can raise it and never lower it (rule 1). */
function deriveSeverity(alert: WebhookBody, notes: string[]): Severity {
  const known = meaningOf(alert.category)?.severity;
  if (known === undefined) {
    const shown = JSON.stringify(capped(alert.category, 80));
    notes.push(`category ${shown} is not known here; severity ${UNKNOWN_CATEGORY_SEVERITY} stands in`);
  }
  const derived = known ?? UNKNOWN_CATEGORY_SEVERITY;
  const sent = severityOf(alert.severity);
  return sent === undefined ? derived : maxSeverity(derived, sent);
}

function buildFinding(of: {
  readonly type: EventType;
  readonly alert: WebhookBody;
  readonly delivery: DeliveryContext;
  readonly workload: Workload;
  readonly time: VendorTime;
  readonly severity: Severity;
  readonly deduplicationKey: string;
}): DetectionFinding {
  const { type, alert, time } = of;
  const uid = findingUidOf(of.deduplicationKey);
  // The sentence of a firewall quotes a request, that of an admission rule names a policy: no process is told of in either.
  const message = isFirewallType(type) || type === 'admission' ? {} : readMessage(alert.message);
  const process = processOf(alert, message);
  const { category = alert.category, title } = meaningOf(alert.category) ?? {};
  const cloud = cloudOf(alert);
  const device = alert.host || alert.fqdn ? deviceOf(alert) : undefined;
  const actor = anyOf({ process: process?.parent_process, user: process?.user });
  const vendorId = type === 'incident' ? short(alert.incidentId) : undefined;
  const finding: DetectionFinding = present({
    ...commonAttributes({
      uid,
      eventCode: type,
      severity: of.severity,
      time: time.at,
      originalTime: alert.time || alert.incidentTime,
      vendorId,
      profiles: ['security_control', ...(cloud ? ['cloud'] : []), ...(device || actor ? ['host'] : [])],
      delivery: of.delivery,
    }),
    message: alert.message ? capped(alert.message, MESSAGE_CAP) : undefined,
    finding_info: present({
      uid,
      uid_alt: vendorId,
      title: titleOf(type, alert.rule, category, title),
      desc: alert.message ? capped(alert.message, MESSAGE_CAP) : undefined,
      types: category ? [capped(category, 256)] : undefined,
      src_url: linkOf(alert.forensics),
      created_time: time.at,
      analytic: alert.rule
        ? present({ type_id: 1, type: 'Rule', name: short(alert.rule), category: short(category) })
        : undefined,
    }),
    cloud,
    device,
    actor,
    resources: resourcesOf(alert, of.workload),
    evidences: evidencesOf(alert, message),
    unmapped: unmappedOf(alert),
  });
  finding.observables = some(observablesOf(finding));
  return present(finding);
}

function titleOf(type: EventType, rule: string, category: string, known: string | undefined): string {
  if (type === 'admission') return rule ? `Admission: ${capped(rule, 256)}` : 'Admission request';
  return known ?? (category ? humanised(category) : `${humanised(type)} alert`);
}

function deviceOf(alert: WebhookBody): DetectionFinding['device'] {
  // 1 Server; the macros tell nothing finer.
  return present({
    type_id: 1,
    type: 'Server',
    hostname: short(alert.host || alert.fqdn),
    region: short(alert.region),
  });
}

/** Links of the console only; anything else in that field is not one. */
function linkOf(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || text.length > LONG_TEXT_CAP) return undefined;
  return URL.canParse(text) ? text : undefined;
}

function readBackOf(type: EventType, alert: WebhookBody, time: VendorTime): ReadBack {
  const range = rangeAround(time);
  const category = meaningOf(alert.category)?.category ?? alert.category;
  const hostname = alert.host || alert.fqdn || undefined;
  const containerID = alert.containerID || undefined;
  const common = { category, hostname, ...range };
  if (type === 'incident') {
    return { record: 'incident', ...common, incidentId: alert.incidentId || undefined, containerID };
  }
  const rule = alert.rule || undefined;
  if (type === 'containerRuntime') {
    return { record: 'container-audit', ...common, rule, containerID, containerName: alert.container || undefined };
  }
  if (type === 'hostRuntime') return { record: 'host-audit', ...common, rule };
  if (type === 'containerAppFirewall') {
    const image = alert.image || undefined;
    return {
      record: 'container-firewall',
      category,
      rule,
      containerID,
      containerName: alert.container || undefined,
      image,
      ...range,
    };
  }
  if (type === 'hostAppFirewall') return { record: 'host-firewall', ...common, rule };
  if (type === 'admission') {
    const [cluster, namespace] = [onlyOne(alert.clusters), onlyOne(alert.namespaces)];
    return { record: 'admission', rule, message: alert.message || undefined, cluster, namespace, ...range };
  }
  return { record: 'none', why: `Parapet reads no ${type} audits back from the console` };
}
