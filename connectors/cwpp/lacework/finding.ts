import { attacksFor } from '../../../domain/ocsf/attacks.ts';
import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, MESSAGE_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import type { Workload } from '../../../domain/workload.ts';
import { createdAttributes } from '../created.ts';
import type { LaceworkAlert } from './alert.ts';
import { categoryOf, humanised, techniquesOf } from './alert-types.ts';
import type { DeliveryContext } from './context.ts';
import { evidencesOf } from './evidences.ts';
import { deduplicationKeyOf, findingUidOf, tenantOf } from './identity.ts';
import { writeReadBack } from './read-back.ts';
import { severityOf, UNKNOWN_SEVERITY } from './severity.ts';
import { parseVendorTime } from './time.ts';
import { hostsOf, isAwsAccount, onlyOne, podsOf, resourcesOf, workloadOf } from './workload.ts';

const MAX_RESOURCES = 50;

/** One alert as a finding; `notes` says what stood in for something unreadable. */
export function findingOf(
  alert: LaceworkAlert,
  delivery: DeliveryContext,
): { readonly finding: NormalizedFinding; readonly notes: readonly string[] } {
  const where = workloadOf(alert);
  const notes = [...where.notes];
  const severity = severityOf(alert.severity);
  if (severity === undefined) {
    notes.push(`severity ${JSON.stringify(capped(alert.severity, 40))} is not known; ${UNKNOWN_SEVERITY} stands in`);
  }
  const time = timeOf(alert, delivery, notes);
  const deduplicationKey = deduplicationKeyOf(alert);
  const finding = buildFinding({
    alert,
    delivery,
    time,
    severity: severity ?? UNKNOWN_SEVERITY,
    workload: where.workload,
    uid: findingUidOf(deduplicationKey),
  });
  const { attacks, unknown } = attacksFor(techniquesOf(alert.type));
  for (const id of unknown) notes.push(`ATT&CK id ${id} is not in force in the pinned catalogue and was dropped`);
  if (attacks.length > 0) finding.finding_info.attacks = [...attacks];
  return {
    finding: {
      source: 'lacework',
      finding,
      workload: where.workload,
      severity: severity ?? UNKNOWN_SEVERITY,
      deduplicationKey,
      readBack: writeReadBack({
        alertId: alert.id,
        tenant: tenantOf(alert.tenant),
        title: alert.title,
        type: alert.type,
        mid: onlyOne(alert.entities.texts('Machine', 'MID')),
        imageId: onlyOne(alert.entities.texts('ImageId', 'IMAGE_ID')),
      }),
    },
    notes,
  };
}

/** The vendor's time, or the time of receipt with a note: a wrong clock must not push an alert out of its window. */
function timeOf(alert: LaceworkAlert, delivery: DeliveryContext, notes: string[]): number {
  const receivedAt = Date.parse(delivery.receivedAt);
  const read = alert.times.map((text) => parseVendorTime(text, receivedAt)).find((at) => at !== undefined);
  if (read !== undefined) return read;
  const shown = alert.times.find((text) => text !== '');
  notes.push(
    shown === undefined
      ? 'no time was sent; the time of receipt stands in'
      : `the time ${JSON.stringify(capped(shown, 64))} is not usable; the time of receipt stands in`,
  );
  return receivedAt;
}

function buildFinding(of: {
  readonly alert: LaceworkAlert;
  readonly delivery: DeliveryContext;
  readonly time: number;
  readonly severity: Severity;
  readonly workload: Workload;
  readonly uid: string;
}): DetectionFinding {
  const { alert, delivery, time, severity, uid } = of;
  const category = capped(categoryOf(alert), SHORT_TEXT_CAP);
  const message = messageOf(alert);
  const cloud = cloudOf(alert, of.workload.account);
  const device = deviceOf(alert);
  const user = onlyOne([...alert.entities.texts('User', 'USERNAME'), ...alert.entities.texts('CT_User', 'USERNAME')]);
  const finding: DetectionFinding = present({
    ...createdAttributes({ severity, time, delivery }),
    message,
    metadata: present({
      version: '1.8.0' as const,
      uid,
      profiles: ['security_control', ...(cloud ? ['cloud'] : []), ...(device || user ? ['host'] : [])],
      product: present({
        name: 'Lacework FortiCNAPP',
        vendor_name: 'Fortinet',
        feature: alert.source ? { name: capped(alert.source, SHORT_TEXT_CAP) } : undefined,
      }),
      original_event_uid: alert.id,
      original_time: alert.times.find((text) => text !== '')?.slice(0, 64),
      logged_time: Date.parse(delivery.receivedAt),
      event_code: capped(alert.type || alert.category || 'alert', SHORT_TEXT_CAP),
    }),
    finding_info: present({
      uid,
      uid_alt: alert.id,
      title: capped(alert.title || humanised(alert.type), SHORT_TEXT_CAP),
      desc: message,
      types: [category],
      src_url: linkOf(alert.link),
      created_time: time,
      analytic: alert.rule ? { type_id: 1, type: 'Rule', uid: alert.rule, name: alert.rule } : undefined,
    }),
    cloud,
    device,
    actor: user ? { user: { name: user } } : undefined,
    resources: resourceList(alert),
    evidences: evidencesOf(alert, Date.parse(delivery.receivedAt)),
    unmapped: anyOf({
      laceworkAccount: alert.tenant || undefined,
      category: alert.category || undefined,
      status: alert.status || undefined,
    }),
  });
  finding.observables = some(observablesOf(finding));
  return present(finding);
}

function messageOf({ description, facts, title }: LaceworkAlert): string | undefined {
  const text = [description || title, ...facts].filter((part) => part !== '').join('; ');
  return text ? capped(text, MESSAGE_CAP) : undefined;
}

function cloudOf(
  { entities, source, description }: LaceworkAlert,
  account: string | undefined,
): DetectionFinding['cloud'] {
  if (account === undefined) return undefined;
  const provider = /azure/i.test(`${source} ${description.slice(0, 200)}`)
    ? 'azure'
    : isAwsAccount(account)
      ? 'aws'
      : 'unknown';
  const type = provider === 'aws' ? { type_id: 10, type: 'AWS Account' } : {};
  return present({
    provider,
    region: onlyOne([...entities.texts('Region', 'REGION'), ...entities.texts('CT_User', 'REGION_LIST')]),
    account: present({ uid: account, name: onlyOne(entities.texts('RecId', 'ACCOUNT_ALIAS')), ...type }),
  });
}

function deviceOf({ entities }: LaceworkAlert): DetectionFinding['device'] {
  const hostname = onlyOne(hostsOf(entities));
  if (hostname === undefined) return undefined;
  // 1 Server: the vendor tells nothing finer.
  return present({
    type_id: 1,
    type: 'Server',
    hostname,
    instance_uid: onlyOne(entities.texts('Machine', 'INSTANCE_ID')),
    uid: onlyOne(entities.texts('Machine', 'MID')),
  });
}

function resourceList(alert: LaceworkAlert): DetectionFinding['resources'] {
  const { entities } = alert;
  const named = (type: string, name: string) => ({ type, name: capped(name, SHORT_TEXT_CAP) });
  return some(
    [
      ...podsOf(entities).map(({ pod, namespace }) => ({
        ...named('Pod', pod),
        namespace: capped(namespace, SHORT_TEXT_CAP),
      })),
      ...hostsOf(entities).map((host) => named('Host', host)),
      ...resourcesOf(entities).map((uid) => ({ ...named('Resource', uid), uid: capped(uid, SHORT_TEXT_CAP) })),
      ...entities
        .texts('ImageId', 'IMAGE_ID')
        .map((uid) => ({ ...named('Image', uid), uid: capped(uid, SHORT_TEXT_CAP) })),
    ].slice(0, MAX_RESOURCES),
  );
}

/** Links of a console only; anything else in that field is not one. */
function linkOf(text: string): string | undefined {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
}
