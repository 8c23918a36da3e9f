import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, MESSAGE_CAP, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import type { Workload } from '../../../domain/workload.ts';
import { createdAttributes } from '../created.ts';
import type { DeliveryContext } from '../prisma-cloud-compute/context.ts';
import { evidencesOf } from './evidences.ts';
import { deduplicationKeyOf, findingUidOf } from './identity.ts';
import { writeReadBack } from './read-back.ts';
import type { Alert } from './schema.ts';
import { techniquesOf } from './techniques.ts';
import { readTime } from './time.ts';
import { categoryOf, severityOf, stateOf, UNKNOWN_SEVERITY } from './vocabulary.ts';
import { regionOf } from './workload.ts';

/** One open alert about one resource as a finding, with a note for everything that had to be guessed or dropped. */
export function findingOf(
  alert: Alert,
  workload: Workload,
  delivery: DeliveryContext,
): { readonly found: NormalizedFinding; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const name = alert.alertId === '' ? 'an alert without an id' : `alert ${capped(alert.alertId, 64)}`;
  const severity = severityOf(alert.severity);
  if (severity === undefined) {
    notes.push(
      `${name} has the severity ${shown(alert.severity)}, which is not known here; ${UNKNOWN_SEVERITY} stands in`,
    );
  }
  if (stateOf(alert.status) === 'unknown') {
    notes.push(`${name} has the state ${shown(alert.status)}, which is not known here; it is taken as open`);
  }
  const receivedAt = Date.parse(delivery.receivedAt);
  const time = readTime(alert.alertTime, receivedAt);
  if (time === undefined) notes.push(`the time of ${name} is missing or not usable; the time of receipt stands in`);
  const techniques = techniquesOf(alert);
  const deduplicationKey = deduplicationKeyOf(alert);
  const finding = buildFinding({
    alert,
    workload,
    delivery,
    severity: severity ?? UNKNOWN_SEVERITY,
    time: time ?? receivedAt,
    firstSeen: readTime(alert.firstSeen, receivedAt),
    deduplicationKey,
  });
  const attacks = some(techniques.attacks);
  if (attacks) finding.finding_info.attacks = attacks;
  return {
    found: {
      source: 'prisma-cloud',
      finding,
      workload,
      severity: severity ?? UNKNOWN_SEVERITY,
      deduplicationKey,
      readBack: writeReadBack(alert),
    },
    notes: [...notes, ...techniques.notes],
  };
}

function buildFinding(of: {
  readonly alert: Alert;
  readonly workload: Workload;
  readonly delivery: DeliveryContext;
  readonly severity: Severity;
  readonly time: number;
  readonly firstSeen: number | undefined;
  readonly deduplicationKey: string;
}): DetectionFinding {
  const { alert, workload, delivery, severity, time } = of;
  const uid = findingUidOf(of.deduplicationKey);
  const { category } = categoryOf(alert);
  const cloud = cloudOf(alert);
  const device = deviceOf(alert, workload);
  const vendorId = short(alert.alertId);
  const message = messageOf(alert);
  const finding: DetectionFinding = present({
    ...createdAttributes({ severity, time, delivery }),
    message,
    metadata: present({
      version: '1.8.0' as const,
      uid,
      profiles: ['security_control', ...(cloud ? ['cloud'] : []), ...(device ? ['host'] : [])],
      product: { name: 'Prisma Cloud', vendor_name: 'Palo Alto Networks', feature: { name: category } },
      original_event_uid: vendorId,
      original_time: short(String(alert.alertTime ?? '')),
      logged_time: Date.parse(delivery.receivedAt),
      event_code: short(alert.policyType),
      labels: some(alert.policyLabels.slice(0, 50).map((label) => capped(label, SHORT_TEXT_CAP))),
    }),
    finding_info: present({
      uid,
      uid_alt: vendorId,
      title: short(alert.policyName) ?? `Prisma Cloud alert ${alert.alertId || 'without an id'}`,
      desc: alert.policyDescription === '' ? undefined : capped(alert.policyDescription, MESSAGE_CAP),
      types: [category, ...(alert.policyType === '' ? [] : [capped(alert.policyType, 80)])],
      src_url: linkOf(alert.callbackUrl),
      created_time: time,
      first_seen_time: of.firstSeen,
      analytic: analyticOf(alert),
    }),
    cloud,
    device,
    resources: [
      present({
        type: short(alert.resourceType),
        name: short(alert.resourceName),
        uid: short(alert.resourceId) ?? short(alert.rrn),
        region: short(regionOf(alert)),
      }),
    ],
    evidences: evidencesOf(alert, workload),
    unmapped: unmappedOf(alert),
  });
  finding.observables = some(observablesOf(finding));
  return present(finding);
}

/** The policy. OCSF wants its name or its id. */
function analyticOf({ policyName, policyId, policyType }: Alert): DetectionFinding['finding_info']['analytic'] {
  if (policyName === '' && policyId === '') return undefined;
  return present({
    type_id: 1,
    type: 'Rule',
    name: short(policyName),
    uid: short(policyId),
    category: short(policyType),
  });
}

/** The vendor's sentence about what happened; for posture, the policy and what it found. */
function messageOf(alert: Alert): string {
  const said = alert.metadata.auditMessage;
  if (said) return capped(said, MESSAGE_CAP);
  const what = alert.policyName || 'An alert';
  const type = alert.resourceType.replace(/_/g, ' ').toLowerCase() || 'resource';
  return capped(`${what}: ${type} ${alert.resourceName || alert.resourceId || alert.rrn}`, MESSAGE_CAP);
}

/** OCSF account.type_id of the clouds the vendor knows; Alibaba and IBM have none. */
const ACCOUNT_TYPES: Readonly<Record<string, { readonly type_id: number; readonly type: string }>> = {
  aws: { type_id: 10, type: 'AWS Account' },
  gcp: { type_id: 11, type: 'GCP Project' },
  oci: { type_id: 12, type: 'OCI Compartment' },
  azure: { type_id: 13, type: 'Azure Subscription' },
};

function cloudOf(alert: Alert): DetectionFinding['cloud'] {
  const provider = alert.cloudType.toLowerCase();
  const uid = short(alert.accountId);
  if (provider === '' && uid === undefined) return undefined;
  const type = Object.hasOwn(ACCOUNT_TYPES, provider) ? ACCOUNT_TYPES[provider] : undefined;
  return present({
    provider: short(provider) ?? 'unknown',
    region: short(regionOf(alert)),
    account: uid === undefined ? undefined : present({ uid, name: short(alert.accountName), ...type }),
  });
}

function deviceOf(alert: Alert, workload: Workload): DetectionFinding['device'] {
  if (workload.kind !== 'host') return undefined;
  // 6 Virtual: what a cloud account rents out.
  return present({
    type_id: 6,
    type: 'Virtual',
    hostname: short(workload.host),
    instance_uid: workload.instanceId,
    region: short(regionOf(alert)),
  });
}

/** Only the vendor's own console: a link goes into tickets and messages, where people click it. */
const CONSOLE = /(?:^|\.)(?:prismacloud\.io|prismacloud\.cn|paloaltonetworks\.com)$/;

function linkOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isConsole = url.protocol === 'https:' && CONSOLE.test(url.hostname) && url.username === '' && url.port === '';
  return isConsole && url.href.length <= LONG_TEXT_CAP ? url.href : undefined;
}

/** What OCSF has no attribute for, in the vendor's names. */
function unmappedOf(alert: Alert): DetectionFinding['unmapped'] {
  const { cveCritical, cveHigh, cveMedium, cveLow, auditCount, auditRuleName, auditType } = alert.metadata;
  return anyOf({
    alertStatus: short(alert.status),
    alertRuleName: short(alert.alertRule),
    reason: short(alert.reason),
    recommendation: alert.policyRecommendation === '' ? undefined : capped(alert.policyRecommendation, LONG_TEXT_CAP),
    compliance: some(
      alert.compliance
        .slice(0, 20)
        .map((section) => capped(`${section.standardName} ${section.sectionId}`.trim(), 256)),
    ),
    riskRating: short(alert.riskRating),
    resourceCloudService: short(alert.service),
    rrn: short(alert.rrn),
    cveCounts: anyOf({
      critical: short(cveCritical ?? ''),
      high: short(cveHigh ?? ''),
      medium: short(cveMedium ?? ''),
      low: short(cveLow ?? ''),
    }),
    auditCount: short(auditCount ?? ''),
    auditRuleName: short(auditRuleName ?? ''),
    auditType: short(auditType ?? ''),
  });
}

function short(text: string): string | undefined {
  return text === '' ? undefined : capped(text, SHORT_TEXT_CAP);
}

function shown(text: string): string {
  return text === '' ? '(none)' : JSON.stringify(capped(text, 64));
}
