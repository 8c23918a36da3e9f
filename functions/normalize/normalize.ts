import { TooLargeError } from '../../connectors/store/ports.ts';
import type { AlertReceived } from '../../domain/events.ts';
import { rawAlertKey } from '../../domain/intake/raw-alert.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import type { Normalization } from '../../domain/ocsf/detection-finding.ts';
import { fetchBody } from './body.ts';
import type { Delivery, NormalizeDeps } from './deps.ts';
import { parseEnvelope, type Salvage } from './envelope.ts';
import { recordFinding } from './record-finding.ts';

/**
 * Turns one queue message into findings of incidents, or into a quarantined alert with the reason. Returns when
 * everything the message stands for is stored; what throws is delivered again and at last kept by the dead-letter queue.
 * @param message body of the SQS message: an EventBridge event
 * @param again whether the queue delivered this message before
 */
export async function normalize(deps: NormalizeDeps, message: string, again: boolean): Promise<void> {
  const envelope = parseEnvelope(message);
  if (!envelope.ok) return await holdSalvage(deps, envelope.salvage, envelope.reason);
  const { alert } = envelope;
  const body = await fetchBody(deps.blobs, alert);
  if (!body.ok) {
    const { sha256, bytes, rawKey, reason } = body;
    return await hold(deps, { ...alert, channel: channelOfReplay(alert), sha256, bytes, rawKey }, reason);
  }
  const { rawKey, keep } = body;
  const reading: Normalization =
    alert.refused === undefined ? await read(deps, alert, body.text) : { ok: false, reason: alert.refused };
  if (reading.ok) await take(deps, reading, { ...alert, rawKey, keep, again }, alert);
  else {
    await keep();
    await hold(deps, { ...alert, channel: channelOfReplay(alert), rawKey }, reading.reason);
  }
  if (alert.refused === undefined) await deps.pushes.note(alert, isTest(reading));
}

/** A refused sender keeps no trust: replayed, the alert is what anybody could have sent (rule 7). */
function channelOfReplay({ refused, channel }: AlertReceived): AlertReceived['channel'] {
  return refused === undefined ? channel : 'webhook';
}

/** @throws whatever the stores throw; the queue tries again */
async function take(
  deps: NormalizeDeps,
  reading: Extract<Normalization, { ok: true }>,
  delivery: Delivery,
  alert: AlertReceived,
): Promise<void> {
  if (reading.findings.length === 0) {
    await delivery.keep();
    deps.telemetry.count('AlertWithoutFindings', { source: alert.source });
  }
  await recordAll(deps, reading, delivery, alert);
  deps.telemetry.info('alert normalized', {
    deliveryId: alert.deliveryId,
    source: alert.source,
    findings: reading.findings.length,
    notes: reading.notes.length,
  });
}

/** What a vendor sends when a person presses its test button: understood, without a finding, and the mapper says so. */
function isTest(reading: Normalization): boolean {
  return reading.ok && reading.findings.length === 0 && reading.notes.some((note) => /test delivery/i.test(note));
}

/** Mappers do not throw; one that does has a fault, and the alert waits in quarantine until that is mended. */
async function read(deps: NormalizeDeps, alert: AlertReceived, text: string): Promise<Normalization> {
  const { source, sha256, bytes, receivedAt, channel } = alert;
  try {
    return await deps.mapperFor(source).normalize(text, { sha256, bytes, receivedAt, channel, mapping: deps.mapping });
  } catch (error) {
    deps.telemetry.error('mapper failed', { source, deliveryId: alert.deliveryId, sha256 }, error);
    return {
      ok: false,
      reason: `the ${source} mapper failed on this alert, which is a fault of Parapet; replay it after an update`,
    };
  }
}

/** Findings are independent: one that cannot be stored at all is held with the alert, and the others go their way. */
async function recordAll(
  deps: NormalizeDeps,
  reading: Extract<Normalization, { ok: true }>,
  delivery: Delivery,
  alert: AlertReceived,
): Promise<void> {
  const tooLarge: number[] = [];
  for (const [index, finding] of reading.findings.entries()) {
    try {
      await recordFinding(deps, finding, delivery);
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      tooLarge.push(index + 1);
    }
  }
  if (tooLarge.length === 0) return;
  await delivery.keep();
  const which = `${tooLarge.length === 1 ? 'finding' : 'findings'} ${tooLarge.join(', ')} of ${reading.findings.length}`;
  await hold(deps, { ...alert, rawKey: delivery.rawKey }, `${which} too large to store`);
}

async function hold(
  deps: NormalizeDeps,
  alert: Omit<AlertReceived, 'body'> & { readonly rawKey: string },
  reason: string,
): Promise<void> {
  const { source, channel, deliveryId, receivedAt, sha256, bytes, encoding, rawKey } = alert;
  const { quarantineId } = await deps.quarantine.hold({
    source,
    channel,
    deliveryId,
    receivedAt,
    sha256,
    bytes,
    ...(encoding && { encoding }),
    rawKey,
    reason,
    quarantinedAt: deps.now().toISOString(),
  });
  deps.telemetry.count('AlertQuarantined', { source });
  deps.telemetry.warn('alert quarantined', { quarantineId, deliveryId, source, sha256 });
}

async function holdSalvage(deps: NormalizeDeps, salvage: Salvage, reason: string): Promise<void> {
  const { text } = salvage.body;
  const sha256 = sha256Hex(text);
  const rawKey = rawAlertKey(sha256);
  await deps.blobs.put(rawKey, text);
  await hold(
    deps,
    {
      source: salvage.source,
      channel: salvage.channel,
      deliveryId: salvage.deliveryId,
      receivedAt: salvage.receivedAt ?? deps.now().toISOString(),
      sha256,
      bytes: Buffer.byteLength(text),
      rawKey,
    },
    reason,
  );
}
