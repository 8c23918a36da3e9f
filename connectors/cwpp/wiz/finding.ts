import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, MESSAGE_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import { createdAttributes } from '../created.ts';
import type { Resource, WizAlert } from './alert.ts';
import type { Delivery } from './delivery.ts';
import { evidencesOf, short } from './evidences.ts';
import { deduplicationKeyOf, findingUidOf } from './identity.ts';
import { readBackOf } from './read-back.ts';
import { severityOf, UNREADABLE_SEVERITY } from './severity.ts';
import { readTechniques } from './techniques.ts';
import { parseWizTime } from './time.ts';
import { accountOf, type WorkloadReading, workloadOf } from './workload.ts';

export type Reading =
  | { readonly ok: true; readonly found: NormalizedFinding; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** One alert as a finding. */
export function readAlert(alert: WizAlert, delivery: Delivery): Reading {
  const container = alert.events.flatMap(({ processes }) => processes).find((one) => one.container)?.container;
  const where = workloadOf(alert.resources, container);
  if (!where) {
    return {
      ok: false,
      reason: `${alert.record} ${JSON.stringify(capped(alert.id, 80))} names no resource; send at least its name (connectors/cwpp/wiz/template)`,
    };
  }
  const notes = [...alert.notes, ...where.notes];
  const severity = deriveSeverity(alert, notes);
  const time = timeOf(alert, delivery, notes);
  const techniques = readTechniques(alert.techniques);
  notes.push(...techniques.notes);
  const deduplicationKey = deduplicationKeyOf(alert.record, alert.id);
  const finding = buildFinding({ alert, delivery, where, severity, time, uid: findingUidOf(deduplicationKey) });
  const attacks = some(techniques.attacks);
  if (attacks) finding.finding_info.attacks = attacks;
  const { workload } = where;
  return {
    ok: true,
    found: {
      source: 'wiz',
      finding,
      workload,
      severity,
      deduplicationKey,
      readBack: readBackOf(alert, where.resource),
    },
    notes,
  };
}

function deriveSeverity(alert: WizAlert, notes: string[]): Severity {
  for (const word of alert.severities) {
    const severity = severityOf(word);
    if (severity !== undefined) return severity;
  }
  const shown = JSON.stringify(capped(alert.severities[0] ?? '', 40));
  notes.push(`severity ${shown} is none of Wiz; ${UNREADABLE_SEVERITY} stands in until the record is read back`);
  return UNREADABLE_SEVERITY;
}

/** The vendor's time, or the time of receipt with a note: a wrong clock must not push an alert out of its window. */
function timeOf(alert: WizAlert, delivery: Delivery, notes: string[]): number {
  const receivedAt = Date.parse(delivery.receivedAt);
  for (const text of alert.times) {
    const at = parseWizTime(text, receivedAt);
    if (at !== undefined) return at;
  }
  const given = alert.times.find((text) => text !== undefined);
  notes.push(
    given === undefined
      ? 'no time was sent; the time of receipt stands in'
      : `the time ${JSON.stringify(capped(given, 64))} is not usable; the time of receipt stands in`,
  );
  return receivedAt;
}

function buildFinding(of: {
  readonly alert: WizAlert;
  readonly delivery: Delivery;
  readonly where: WorkloadReading;
  readonly severity: Severity;
  readonly time: number;
  readonly uid: string;
}): DetectionFinding {
  const { alert, delivery, where, severity, time, uid } = of;
  const receivedAt = Date.parse(delivery.receivedAt);
  const { resource, workload } = where;
  const cloud = cloudOf(resource);
  const host =
    workload.kind === 'pod' || workload.kind === 'container' || workload.kind === 'host' ? workload.host : undefined;
  const device =
    host === undefined || host === 'unknown'
      ? undefined
      : present({ type_id: 1, type: 'Server', hostname: short(host) });
  const evidences = evidencesOf(alert, receivedAt);
  const actor = actorOf(alert);
  const finding: DetectionFinding = present({
    ...createdAttributes({ severity, time, delivery }),
    message: alert.description === undefined ? undefined : capped(alert.description, MESSAGE_CAP),
    metadata: present({
      version: '1.8.0' as const,
      uid,
      profiles: ['security_control', ...(cloud ? ['cloud'] : []), ...(device || actor ? ['host'] : [])],
      product: {
        name: 'Wiz',
        vendor_name: 'Wiz',
        feature: { name: alert.record === 'issue' ? 'Issues' : 'Defend' },
      },
      original_event_uid: short(alert.id),
      original_time: short(alert.created ?? alert.times.find((text) => text !== undefined)),
      logged_time: receivedAt,
      event_code: alert.record,
      labels: some(alert.projects.slice(0, 50).map((name) => capped(`project:${name}`, 200))),
    }),
    finding_info: present({
      uid,
      uid_alt: short(alert.id),
      title: capped(alert.title, 512),
      desc: alert.description === undefined ? undefined : capped(alert.description, MESSAGE_CAP),
      types: [capped(alert.category, 256)],
      src_url: linkOf(alert.url),
      created_time: time,
      analytic:
        alert.rule?.id === undefined && alert.rule?.name === undefined
          ? undefined
          : present({ type_id: 1, type: 'Rule', name: short(alert.rule.name), uid: short(alert.rule.id) }),
    }),
    cloud,
    device,
    actor,
    resources: some(alert.resources.slice(0, 50).flatMap(resourceOf)),
    evidences,
    unmapped: anyOf({
      ...cappedValues(alert.unmapped),
      recommendation: alert.recommendation && capped(alert.recommendation, LONG_TEXT_CAP),
    }),
  });
  finding.observables = some(observablesOf(finding));
  return present(finding);
}

function cappedValues(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? capped(value, 1024) : value]),
  );
}

function actorOf({ actor, events }: WizAlert): DetectionFinding['actor'] {
  const process = events[0]?.processes[0];
  const user = actor
    ? anyOf({ name: short(actor.name), uid: short(actor.externalId ?? actor.id) })
    : anyOf({ name: short(process?.user), uid: short(process?.userId) });
  return user && { user };
}

/** OCSF account.type_id of the clouds Wiz knows. */
const ACCOUNT_TYPES: Readonly<Record<string, { readonly type_id: number; readonly type: string }>> = {
  aws: { type_id: 10, type: 'AWS Account' },
  eks: { type_id: 10, type: 'AWS Account' },
  gcp: { type_id: 11, type: 'GCP Project' },
  gke: { type_id: 11, type: 'GCP Project' },
  oci: { type_id: 12, type: 'OCI Compartment' },
  azure: { type_id: 13, type: 'Azure Subscription' },
  aks: { type_id: 13, type: 'Azure Subscription' },
};

function cloudOf(resource: Resource): DetectionFinding['cloud'] {
  const uid = short(accountOf(resource));
  const platform = resource.platform?.toLowerCase();
  if (platform === undefined && uid === undefined) return undefined;
  const type = platform !== undefined && Object.hasOwn(ACCOUNT_TYPES, platform) ? ACCOUNT_TYPES[platform] : undefined;
  return present({
    provider: short(platform) ?? 'unknown',
    region: short(resource.region),
    account: uid === undefined ? undefined : present({ uid, name: short(resource.accountName), ...type }),
  });
}

function resourceOf(resource: Resource): NonNullable<DetectionFinding['resources']> {
  const uid = short(resource.providerId ?? resource.externalId ?? resource.id);
  const name = short(resource.name);
  if (uid === undefined && name === undefined) return [];
  return [
    present({ type: short(resource.nativeType ?? resource.type), uid, name, namespace: short(resource.namespace) }),
  ];
}

/** Links only, and only over the web; anything else in that field is not one. */
function linkOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^https:\/\//i.test(text) || text.length > LONG_TEXT_CAP) return undefined;
  return URL.canParse(text) ? text : undefined;
}
