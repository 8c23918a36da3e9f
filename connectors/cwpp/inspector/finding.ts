import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, LONG_TEXT_CAP, MESSAGE_CAP } from '../../../domain/ocsf/text.ts';
import type { Severity } from '../../../domain/severity.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { AwsEvent } from '../aws/body.ts';
import type { DeliveryContext } from '../aws/context.ts';
import { cloudOf, commonAttributes, short } from '../aws/ocsf.ts';
import { awsTime } from '../aws/time.ts';
import { writeReadBack } from './read-back.ts';
import type { InspectorFinding, InspectorResource } from './schema.ts';
import { categoryOf, fixedVersionOf, packageTypeOf, severityOf, versionOf } from './vocabulary.ts';
import { regionOf, workloadOf } from './workload.ts';

export type Reading =
  | { readonly ok: true; readonly findings: readonly NormalizedFinding[]; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };

type OcsfVulnerability = NonNullable<DetectionFinding['vulnerabilities']>[number];

const MAX_RESOURCES = 50;
const MAX_PACKAGES = 50;
const MAX_REFERENCES = 20;
const CVE = /^CVE-\d{4}-\d{4,}$/;

interface Of {
  readonly finding: InspectorFinding;
  readonly resource: InspectorResource;
  readonly event: AwsEvent | undefined;
  readonly delivery: DeliveryContext;
  readonly severity: Severity;
  readonly time: number;
}

/** One Inspector finding as findings: one for each resource it names, which is one in practice. Pure; never throws. */
export function readFinding(
  finding: InspectorFinding,
  event: AwsEvent | undefined,
  delivery: DeliveryContext,
): Reading {
  if (!finding.findingArn) {
    return { ok: false, reason: 'the Inspector finding has no findingArn; a whole finding or a whole event is needed' };
  }
  if (finding.resources.length === 0) return { ok: false, reason: 'the Inspector finding names no resource' };
  const notes: string[] = [];
  const severity = severityOf(finding.severity);
  if (severity === undefined) {
    notes.push(`severity ${JSON.stringify(capped(finding.severity ?? 'missing', 40))} says nothing; medium stands in`);
  }
  const time = readTime(finding, delivery, notes);
  const findings: NormalizedFinding[] = [];
  for (const resource of finding.resources.slice(0, MAX_RESOURCES)) {
    const one = oneFinding({ finding, resource, event, delivery, severity: severity ?? 'medium', time });
    if (one === undefined)
      return { ok: false, reason: 'a resource of the Inspector finding has neither details nor id' };
    findings.push(one);
  }
  return { ok: true, findings, notes };
}

function readTime(
  { firstObservedAt, updatedAt, lastObservedAt }: InspectorFinding,
  delivery: DeliveryContext,
  notes: string[],
) {
  const receivedAt = Date.parse(delivery.receivedAt);
  const at = [firstObservedAt, updatedAt, lastObservedAt]
    .map((value) => awsTime(value, receivedAt))
    .find((value) => value !== undefined);
  if (at === undefined) notes.push('the finding has no usable time; the time of receipt stands in');
  return at ?? receivedAt;
}

function oneFinding(of: Of): NormalizedFinding | undefined {
  const { finding, resource, event, delivery, severity } = of;
  const workload = workloadOf(finding, resource, event?.region);
  if (workload === undefined) return undefined;
  const several = finding.resources.length > 1 ? `/${sha256Hex(resource.id ?? '').slice(0, 16)}` : '';
  const deduplicationKey = `inspector/${sha256Hex(finding.findingArn ?? '')}${several}`;
  return {
    source: 'inspector',
    finding: build(of, workload, deduplicationKey),
    workload,
    severity,
    deduplicationKey,
    readBack: writeReadBack({
      channel: delivery.channel,
      findingArn: finding.findingArn ?? '',
      vulnerabilityId: finding.packageVulnerabilityDetails?.vulnerabilityId,
      resourceId: resource.id,
      region: regionOf(resource, event?.region) ?? event?.region,
      ...(delivery.channel === 'event-bus' && event !== undefined
        ? { vouchedBy: 'event' as const, eventId: event.id, eventAccount: event.account }
        : {}),
    }),
  };
}

function build({ finding, resource, event, delivery, severity, time }: Of, workload: Workload, key: string) {
  const uid = `in-${sha256Hex(key).slice(0, 32)}`;
  const host = workload.kind === 'host' ? workload.host : undefined;
  const vulnerabilities = some(vulnerabilitiesOf(finding));
  const message = finding.description || finding.title;
  const type = finding.type ?? 'UNKNOWN';
  const built: DetectionFinding = present({
    ...commonAttributes({
      uid,
      product: 'Inspector',
      feature: type,
      eventCode: capped(type, 256),
      severity,
      time,
      originalTime: typeof finding.firstObservedAt === 'string' ? finding.firstObservedAt : undefined,
      vendorId: finding.findingArn,
      profiles: ['security_control', 'cloud', ...(host ? ['host'] : [])],
      delivery,
    }),
    message: message ? capped(message, MESSAGE_CAP) : undefined,
    finding_info: present({
      uid,
      uid_alt: short(finding.findingArn),
      title: short(finding.title) ?? categoryOf(finding.type),
      desc: finding.description ? capped(finding.description, MESSAGE_CAP) : undefined,
      types: [categoryOf(finding.type)],
      created_time: time,
      first_seen_time: awsTime(finding.firstObservedAt, Date.parse(delivery.receivedAt)),
    }),
    cloud: cloudOf(finding.awsAccountId, regionOf(resource, event?.region)),
    device: host ? { type_id: 1, type: 'Server', hostname: host, instance_uid: host, uid: host } : undefined,
    resources: [present({ type: short(resource.type) ?? 'Resource', uid: short(resource.id), name: nameOf(workload) })],
    vulnerabilities,
    evidences: evidencesOf(finding),
    unmapped: unmappedOf(finding, resource),
  });
  built.observables = some(observablesOf(built));
  return present(built);
}

function nameOf(workload: Workload): string | undefined {
  switch (workload.kind) {
    case 'image':
      return workload.image;
    case 'host':
      return workload.host;
    case 'function':
    case 'resource':
      return workload.name;
    case 'pod':
      return workload.pod;
    case 'container':
      return workload.container;
  }
}

function vulnerabilitiesOf(finding: InspectorFinding): OcsfVulnerability[] {
  const details = finding.packageVulnerabilityDetails;
  const id = short(details?.vulnerabilityId);
  if (!details || !id) return [];
  const cvss = some(
    details.cvss
      .slice(0, 10)
      .flatMap(({ baseScore, version, scoringVector }) =>
        baseScore !== undefined && baseScore >= 0 && baseScore <= 10 && version
          ? [present({ base_score: baseScore, version: capped(version, 32), vector_string: short(scoringVector) })]
          : [],
      ),
  );
  const severity = severityOf(finding.severity) ?? 'medium';
  const isCve = CVE.test(id);
  const references = [details.sourceUrl, ...details.referenceUrls].filter(
    (url): url is string => url !== undefined && /^https?:\/\//i.test(url),
  );
  return [
    present({
      title: id,
      severity: severity.charAt(0).toUpperCase() + severity.slice(1),
      vendor_name: short(details.source),
      cve: isCve ? present({ uid: id, cvss }) : undefined,
      advisory: isCve ? undefined : { uid: id },
      is_fix_available: /^(?:YES|PARTIAL)$/i.test(finding.fixAvailable ?? '') || anyFix(finding),
      is_exploit_available: finding.exploitAvailable === undefined ? undefined : isExploitable(finding),
      affected_packages: some(
        details.vulnerablePackages.slice(0, MAX_PACKAGES).flatMap((one) =>
          one.name
            ? [
                present({
                  name: capped(one.name, 256),
                  version: capped(versionOf(one), 128),
                  fixed_in_version: short(fixedVersionOf(one)),
                  package_manager: short(packageTypeOf(one)),
                  path: one.filePath ? capped(one.filePath, LONG_TEXT_CAP) : undefined,
                }),
              ]
            : [],
        ),
      ),
      references: some([...new Set(references)].slice(0, MAX_REFERENCES).map((url) => capped(url, LONG_TEXT_CAP))),
    }),
  ];
}

function anyFix({ packageVulnerabilityDetails: details }: InspectorFinding): boolean {
  return (details?.vulnerablePackages ?? []).some((one) => fixedVersionOf(one) !== undefined);
}

export function isExploitable({ exploitAvailable }: InspectorFinding): boolean {
  return exploitAvailable?.toUpperCase() === 'YES';
}

function evidencesOf(finding: InspectorFinding): DetectionFinding['evidences'] {
  const network = finding.networkReachabilityDetails;
  const code = finding.codeVulnerabilityDetails;
  const range = network?.openPortRange;
  const data = anyOf({
    protocol: short(network?.protocol),
    ports: range?.begin === undefined ? undefined : `${range.begin}-${range.end ?? range.begin}`,
    path: some((network?.networkPath?.steps ?? []).slice(0, 30).flatMap(({ componentId }) => short(componentId) ?? [])),
    detector: short(code?.detectorName),
    file: short(code?.filePath?.filePath ?? code?.filePath?.fileName),
    line: code?.filePath?.startLine,
    cwes: some((code?.cwes ?? []).slice(0, 20).map((cwe) => capped(cwe, 64))),
  });
  return data ? [{ name: categoryOf(finding.type), data }] : undefined;
}

/** What OCSF has no attribute for, in Inspector's names. */
function unmappedOf(finding: InspectorFinding, resource: InspectorResource): DetectionFinding['unmapped'] {
  const image = resource.details?.awsEcrContainerImage;
  return anyOf({
    status: short(finding.status),
    inspectorScore: finding.inspectorScore,
    epss: finding.epss?.score,
    exploitAvailable: short(finding.exploitAvailable),
    fixAvailable: short(finding.fixAvailable),
    recommendation: short(finding.remediation?.recommendation?.text),
    imageHash: short(image?.imageHash),
    imageTags: some((image?.imageTags ?? []).slice(0, 50).map((tag) => capped(tag, 256))),
    platform: short(image?.platform),
    inUseCount: image?.inUseCount,
  });
}
