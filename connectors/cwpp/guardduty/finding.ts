import { sha256Hex } from '../../../domain/json/canonical.ts';
import { attacksFor } from '../../../domain/ocsf/attacks.ts';
import type { DetectionFinding, NormalizedFinding } from '../../../domain/ocsf/detection-finding.ts';
import { observablesOf } from '../../../domain/ocsf/observables.ts';
import { anyOf, present, some } from '../../../domain/ocsf/present.ts';
import { capped, MESSAGE_CAP } from '../../../domain/ocsf/text.ts';
import { ocsfSeverityId, type Severity } from '../../../domain/severity.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { AwsEvent } from '../aws/body.ts';
import type { DeliveryContext } from '../aws/context.ts';
import { cloudOf, commonAttributes, imageOf, short } from '../aws/ocsf.ts';
import { awsTime } from '../aws/time.ts';
import { evidencesOf } from './evidences.ts';
import { writeReadBack } from './read-back.ts';
import type { GuardDutyFinding } from './schema.ts';
import { humanised, readType, severityOf, techniqueIdsFor } from './types.ts';
import { containerOf, imageDigestOf, workloadOf } from './workload.ts';

export type Reading =
  | { readonly ok: true; readonly finding: NormalizedFinding; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const MAX_ID = 128;

/** One GuardDuty finding, from an event or from the API. Pure; never throws. */
export function readFinding(
  finding: GuardDutyFinding,
  event: AwsEvent | undefined,
  delivery: DeliveryContext,
): Reading {
  const { id, type } = finding;
  if (!id || !type) {
    return {
      ok: false,
      reason: `the GuardDuty finding has no ${id ? 'type' : 'id'}; a whole finding or a whole EventBridge event is needed`,
    };
  }
  const where = workloadOf(finding);
  if (!where) {
    return {
      ok: false,
      reason: `the GuardDuty finding of type ${capped(type, 120)} names no resource that is known here`,
    };
  }
  const notes = [...where.notes];
  const severity = readSeverity(finding, notes);
  const time = readTime(finding, delivery, notes);
  const deduplicationKey = `guardduty/${encodeURIComponent(id.length <= MAX_ID ? id.toWellFormed() : sha256Hex(id))}`;
  if (finding.service?.archived === true)
    notes.push('the finding is archived in GuardDuty, which decides nothing here');
  const { attacks, unknown } = attacksFor(techniquesOf(finding));
  if (unknown.length > 0) notes.push(`not in the ATT&CK catalogue, left out: ${capped(unknown.join(', '), 200)}`);
  const built = build(finding, { delivery, workload: where.workload, severity, time, deduplicationKey });
  const known = some(attacks);
  if (known) built.finding_info.attacks = known;
  return {
    ok: true,
    notes,
    finding: {
      source: 'guardduty',
      finding: built,
      workload: where.workload,
      severity,
      deduplicationKey,
      readBack: writeReadBack({
        channel: delivery.channel,
        findingId: id,
        detectorId: finding.service?.detectorId ?? detectorIn(finding.arn),
        type,
        account: finding.accountId,
        region: finding.region,
        ...(delivery.channel === 'event-bus' && event !== undefined
          ? { vouchedBy: 'event' as const, eventId: event.id, eventAccount: event.account }
          : {}),
      }),
    },
  };
}

/** `arn:aws:guardduty:us-west-2:123456789012:detector/ID/finding/ID`. */
function detectorIn(arn: string | undefined): string | undefined {
  return /:detector\/([0-9a-f]{1,300})\//.exec(arn ?? '')?.[1];
}

/** A severity nobody can read is not a low one. */
function readSeverity(finding: GuardDutyFinding, notes: string[]): Severity {
  const severity = severityOf(finding.severity);
  if (severity === undefined) notes.push('the finding has no usable severity; medium stands in');
  return severity ?? 'medium';
}

/** When it was seen first: later occurrences move the other times, and the finding stays the same. */
function readTime({ service, createdAt, updatedAt }: GuardDutyFinding, delivery: DeliveryContext, notes: string[]) {
  const receivedAt = Date.parse(delivery.receivedAt);
  const candidates = [service?.eventFirstSeen, createdAt, updatedAt, service?.eventLastSeen];
  const at = candidates.map((value) => awsTime(value, receivedAt)).find((value) => value !== undefined);
  if (at === undefined) notes.push('the finding has no usable time; the time of receipt stands in');
  return at ?? receivedAt;
}

const ATTACK_ID = /\b(?:TA\d{4}|T\d{4}(?:\.\d{3})?)\b/g;

/** From the type; and what the indicators of an attack sequence name (the form of their values is unverified). */
function techniquesOf({ type, service }: GuardDutyFinding): string[] {
  const sequence = service?.detection?.sequence;
  const indicators = [
    ...(sequence?.sequenceIndicators ?? []),
    ...(sequence?.signals ?? []).flatMap(({ signalIndicators }) => signalIndicators),
  ];
  const named = indicators
    .filter(({ key }) => /ATTACK_(?:TACTIC|TECHNIQUE)/i.test(key ?? ''))
    .flatMap(({ values }) => values.slice(0, 50).flatMap((value) => value.slice(0, 500).match(ATTACK_ID) ?? []));
  return [...techniqueIdsFor(readType(type ?? '')), ...named.slice(0, 50)];
}

/** GuardDuty stops nothing itself: `blocked` says that a security group or network ACL, or the resolver, did. */
function dispositionOf({
  service,
}: GuardDutyFinding): Pick<DetectionFinding, 'action_id' | 'disposition_id' | 'disposition'> {
  const { networkConnectionAction, dnsRequestAction, portProbeAction } = service?.action ?? {};
  const blocked = [networkConnectionAction, dnsRequestAction, portProbeAction].some(
    (action) => action?.blocked === true,
  );
  return blocked ? { action_id: 2, disposition_id: 2, disposition: 'Blocked' } : {};
}

function build(
  finding: GuardDutyFinding,
  of: {
    readonly delivery: DeliveryContext;
    readonly workload: Workload;
    readonly severity: Severity;
    readonly time: number;
    readonly deduplicationKey: string;
  },
): DetectionFinding {
  const { delivery, workload, time } = of;
  const type = readType(finding.type ?? '');
  const receivedAt = Date.parse(delivery.receivedAt);
  const uid = `gd-${sha256Hex(of.deduplicationKey).slice(0, 32)}`;
  const instance = finding.resource?.instanceDetails?.instanceId;
  const evidences = evidencesOf(finding, receivedAt);
  const message = finding.description || finding.title;
  const built: DetectionFinding = present({
    ...commonAttributes({
      uid,
      product: 'GuardDuty',
      feature: finding.service?.featureName,
      eventCode: capped(finding.type ?? 'unknown', 256),
      severity: of.severity,
      time,
      originalTime: typeof finding.createdAt === 'string' ? finding.createdAt : undefined,
      vendorId: finding.id,
      profiles: ['security_control', 'cloud', ...(instance ? ['host'] : [])],
      delivery,
    }),
    severity_id: ocsfSeverityId(of.severity),
    count: countOf(finding),
    ...dispositionOf(finding),
    message: message ? capped(message, MESSAGE_CAP) : undefined,
    finding_info: present({
      uid,
      uid_alt: short(finding.arn ?? finding.id),
      title: short(finding.title) ?? humanised(type),
      desc: finding.description ? capped(finding.description, MESSAGE_CAP) : undefined,
      types: [capped(finding.type ?? 'unknown', 256)],
      created_time: awsTime(finding.createdAt, receivedAt) ?? time,
      first_seen_time: awsTime(finding.service?.eventFirstSeen, receivedAt),
      analytic: { type_id: 1, type: 'Rule', name: capped(finding.type ?? 'unknown', 256) },
    }),
    cloud: cloudOf(finding.accountId, finding.region),
    device: instance
      ? present({
          type_id: 1,
          type: 'Server',
          uid: short(instance),
          instance_uid: short(instance),
          hostname: short(instance),
        })
      : undefined,
    resources: resourcesOf(finding, workload),
    evidences,
    unmapped: unmappedOf(finding),
  });
  built.observables = some(observablesOf(built));
  return present(built);
}

function countOf({ service }: GuardDutyFinding): number | undefined {
  const count = service?.count;
  return count !== undefined && count >= 1 && count <= 2_147_483_647 ? count : undefined;
}

function resourcesOf(finding: GuardDutyFinding, workload: Workload): DetectionFinding['resources'] {
  const container = containerOf(finding.resource);
  const image = imageOf(container?.image, imageDigestOf(container?.image));
  const details = finding.resource?.kubernetesDetails?.kubernetesWorkloadDetails;
  const rows = [
    named('Container', container?.name, { uid: short(container?.id), namespace: short(details?.namespace) }),
    workload.kind === 'pod'
      ? named('Pod', workload.pod, { uid: short(details?.uid), namespace: workload.namespace })
      : undefined,
    named('EKS cluster', finding.resource?.eksClusterDetails?.name, {
      uid: short(finding.resource?.eksClusterDetails?.arn),
    }),
    named('ECS cluster', finding.resource?.ecsClusterDetails?.name, {
      uid: short(finding.resource?.ecsClusterDetails?.arn),
    }),
    named('EC2 instance', finding.resource?.instanceDetails?.instanceId),
    named('Function', finding.resource?.lambdaDetails?.functionName, {
      uid: short(finding.resource?.lambdaDetails?.functionArn),
    }),
    workload.kind === 'resource'
      ? named(workload.resourceType, workload.name, { uid: short(workload.uid) })
      : undefined,
    image ? present({ type: 'Image', uid: image.uid, name: short(container?.image) ?? image.uid }) : undefined,
  ];
  return some(rows.flatMap((row) => row ?? []));
}

function named(type: string, name: string | undefined, more: Readonly<Record<string, unknown>> = {}) {
  const shown = short(name);
  return shown === undefined ? undefined : present({ type, name: shown, ...more });
}

/** What OCSF has no attribute for, in GuardDuty's names. */
function unmappedOf(finding: GuardDutyFinding): DetectionFinding['unmapped'] {
  const { service, resource } = finding;
  const details = resource?.kubernetesDetails?.kubernetesWorkloadDetails;
  const user = resource?.kubernetesDetails?.kubernetesUserDetails;
  return anyOf({
    severity: finding.severity,
    archived: service?.archived,
    resourceRole: short(service?.resourceRole),
    eventLastSeen: typeof service?.eventLastSeen === 'string' ? short(service.eventLastSeen) : undefined,
    serviceAccountName: short(details?.serviceAccountName),
    kubernetesUser: short(user?.username),
    hostNetwork: details?.hostNetwork,
    hostPID: details?.hostPID ?? details?.hostPid,
    hostPaths: some((details?.volumes ?? []).flatMap(({ hostPath }) => short(hostPath?.path) ?? []).slice(0, 20)),
    associatedAttackSequenceArn: short(finding.associatedAttackSequenceArn),
    sequence: short(service?.detection?.sequence?.description),
    signals: some(
      (service?.detection?.sequence?.signals ?? []).slice(0, 30).flatMap(({ name, type }) => short(name ?? type) ?? []),
    ),
  });
}
