import { type Attachment, MAX_FINDING_BYTES } from '../../connectors/store/ports.ts';
import type { AuditRecord } from '../../domain/audit/entry.ts';
import { INCIDENT_OPENED } from '../../domain/events.ts';
import { findingDigest } from '../../domain/incident/cluster.ts';
import { fitFinding } from '../../domain/intake/fit-finding.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { mayWait } from './announcement-line.ts';
import type { Delivery, NormalizeDeps } from './deps.ts';
import { remember } from './remember.ts';

/**
 * Another delivery's incident is announced by that delivery, which its queue repeats until it succeeds. Only when it has
 * been silent for this long does any later finding announce in its place: a thousand findings that meet an incident in
 * the moment of its opening must not start a thousand executions.
 */
const ANNOUNCEMENT_OVERDUE_MS = 60_000;

/**
 * Attaches one finding, writes its audit entry, announces the incident if that is still to do. Every step may be repeated:
 * a try that stopped half-way is finished by the next one.
 * @throws ConflictError, BusUnavailableError (redeliver), TooLargeError (hold)
 */
export async function recordFinding(
  deps: NormalizeDeps,
  finding: NormalizedFinding,
  delivery: Delivery,
): Promise<Attachment> {
  const attachment = await deps.incidents.attach(fitFinding(finding, MAX_FINDING_BYTES), {
    receivedAt: delivery.receivedAt,
    deliveryId: delivery.deliveryId,
    now: deps.now(),
    windowMinutes: deps.windowMinutes,
    rawKey: delivery.rawKey,
    beforeWrite: delivery.keep,
  });
  await writeAudit(deps, attachment, finding, delivery);
  if (attachment.kind !== 'duplicate') await remember(deps, attachment.incident, finding, delivery);
  await announce(deps, attachment, delivery);
  deps.telemetry.count('FindingHandled', { kind: attachment.kind });
  return attachment;
}

/**
 * New findings are written at once. A duplicate is written only when this message was delivered before and its entry is
 * missing: then the try before stopped between attaching and writing. Two deliveries that mend the same gap at the same
 * moment may leave two equal entries; readers count `data.finding`, so nothing is counted twice.
 */
async function writeAudit(
  deps: NormalizeDeps,
  attachment: Attachment,
  finding: NormalizedFinding,
  delivery: Delivery,
): Promise<void> {
  const digest = findingDigest(finding);
  const { incidentId } = attachment.incident;
  if (attachment.kind === 'duplicate') {
    if (!delivery.again) return;
    const chain = await deps.audit.read(incidentId);
    if (chain.some(({ data }) => data['finding'] === digest)) return;
  }
  const opened =
    attachment.kind === 'opened' ||
    (attachment.kind === 'duplicate' && attachment.incident.openedBy === delivery.deliveryId);
  await deps.audit.append(auditRecord(opened, attachment, finding, digest, delivery, deps.now()));
}

function auditRecord(
  opened: boolean,
  { incident }: Attachment,
  { finding, severity }: NormalizedFinding,
  digest: string,
  delivery: Delivery,
  now: Date,
): AuditRecord {
  return {
    chain: incident.incidentId,
    at: now.toISOString(),
    actor: { type: 'function', id: 'normalize' },
    kind: opened ? 'incident.opened' : 'finding.attached',
    data: {
      finding: digest,
      findingUid: finding.finding_info.uid,
      source: delivery.source,
      deliveryId: delivery.deliveryId,
      receivedAt: delivery.receivedAt,
      rawKey: delivery.rawKey,
      sha256: delivery.sha256,
      severity,
      ...(opened ? { workloadKey: incident.workloadKey } : {}),
    },
  };
}

async function announce(deps: NormalizeDeps, attachment: Attachment, delivery: Delivery): Promise<void> {
  if (!isOursToAnnounce(attachment, delivery, deps.now())) return;
  if (await deps.line.mustWait(attachment.event.severity)) {
    await deps.line.wait(attachment.event);
    deps.telemetry.count('IncidentWaiting', { source: attachment.event.source });
    return;
  }
  await deps.bus.publish(INCIDENT_OPENED, attachment.event);
  // If this fails the message comes again and announces again; the claim makes the second execution end at once.
  await deps.incidents.markAnnounced(attachment.incident.incidentId);
}

function isOursToAnnounce(attachment: Attachment, delivery: Delivery, now: Date): boolean {
  if (attachment.kind === 'opened') return true;
  if (attachment.announced) return false;
  // Who waits is announced by the line - unless it has become something that never waits.
  if (attachment.waiting) return !mayWait(attachment.event.severity);
  const { openedBy, times } = attachment.incident;
  return openedBy === delivery.deliveryId || now.getTime() - Date.parse(times.opened) > ANNOUNCEMENT_OVERDUE_MS;
}
