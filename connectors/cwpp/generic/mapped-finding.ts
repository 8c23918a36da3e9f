import { sha256Hex } from '../../../domain/json/canonical.ts';
import type { OcsfAttack } from '../../../domain/ocsf/attacks.ts';
import type { Normalization } from '../../../domain/ocsf/detection-finding.ts';
import { present } from '../../../domain/ocsf/present.ts';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { controllerNameOf, type Workload } from '../../../domain/workload.ts';
import type { DeliveryContext } from '../delivery.ts';
import type { SeenProcess } from '../detection/detection.ts';
import { findingOf } from '../detection/finding.ts';
import { isPlausible, isTime, parseEventTime } from '../detection/time.ts';
import type { Mapped } from './schema.ts';

/** What a mapping made, as a finding. */
export function mappedFinding(
  mapped: Mapped,
  attacks: readonly OcsfAttack[],
  before: readonly string[],
  delivery: DeliveryContext,
): Normalization {
  if (typeof mapped.time === 'string' && !isTime(mapped.time)) {
    return { ok: false, reason: 'time: must be RFC 3339, such as 2026-01-31T08:00:00Z, or epoch milliseconds' };
  }
  const notes = [...before];
  const product = mapped.product?.name ?? 'Generic';
  const finding = findingOf(
    present({
      source: 'generic' as const,
      product: { name: product, vendor: mapped.product?.vendor ?? product },
      deduplicationKey: `generic/${sha256Hex(JSON.stringify([product, mapped.uid]))}`,
      vendorId: mapped.uid,
      title: mapped.title,
      message: mapped.message,
      category: mapped.category ?? mapped.rule ?? mapped.title,
      rule: mapped.rule,
      severity: mapped.severity,
      time: timeOf(mapped.time, delivery, notes),
      originalTime: String(mapped.time),
      workload: workloadOf(mapped.workload),
      labels: mapped.labels,
      processes: processesOf(mapped.process),
      file: mapped.file,
      connection: mapped.connection === undefined ? undefined : present({ ...mapped.connection }),
      domain: mapped.domain,
      actor: mapped.user,
      attacks,
      data: Object.fromEntries(Object.entries(mapped.data ?? {}).map(([name, value]) => [name, String(value)])),
      readBack: { channel: delivery.channel },
    }),
    delivery,
  );
  return { ok: true, findings: [finding], notes };
}

/** The sender's time, or the time of receipt with a note: a wrong clock must not push an alert out of its window. */
function timeOf(time: string | number, delivery: DeliveryContext, notes: string[]): number {
  const receivedAt = Date.parse(delivery.receivedAt);
  const read = typeof time === 'string' ? parseEventTime(time, receivedAt) : Math.floor(time);
  if (read !== undefined && isPlausible(read, receivedAt)) return read;
  notes.push(`the time ${JSON.stringify(capped(String(time), 64))} is not plausible; the time of receipt stands in`);
  return receivedAt;
}

function workloadOf(mapped: Mapped['workload']): Workload {
  switch (mapped.kind) {
    case 'pod':
      return present({
        kind: 'pod',
        account: short(mapped.account),
        cluster: cap(mapped.cluster),
        namespace: cap(mapped.namespace),
        pod: cap(mapped.pod),
        controller: controllerNameOf(cap(mapped.pod)),
        container: short(mapped.container),
        containerId: short(mapped.containerId),
        image: short(mapped.image),
        imageDigest: mapped.imageDigest,
        host: short(mapped.host),
      });
    case 'container':
      return present({
        kind: 'container',
        account: short(mapped.account),
        host: cap(mapped.host),
        container: cap(mapped.container),
        containerId: short(mapped.containerId),
        image: short(mapped.image),
        imageDigest: mapped.imageDigest,
      });
    case 'host':
      return present({
        kind: 'host',
        account: short(mapped.account),
        host: cap(mapped.host),
        instanceId: short(mapped.instanceId),
      });
    case 'function':
      return present({
        kind: 'function',
        account: short(mapped.account),
        region: short(mapped.region),
        name: cap(mapped.name),
      });
    case 'image':
      return present({
        kind: 'image',
        account: short(mapped.account),
        image: cap(mapped.image),
        imageDigest: mapped.imageDigest,
      });
    case 'resource':
      return present({
        kind: 'resource',
        account: short(mapped.account),
        region: short(mapped.region),
        resourceType: cap(mapped.resourceType),
        name: cap(mapped.name),
        uid: short(mapped.uid),
      });
  }
}

function processesOf(mapped: Mapped['process']): readonly SeenProcess[] {
  if (mapped === undefined) return [];
  const { parents, ...itself } = mapped;
  return [itself, ...parents].map((one) => present({ ...one }));
}

function cap(text: string): string {
  return capped(text, SHORT_TEXT_CAP);
}

function short(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cap(text);
}
