import { ALERT_RECEIVED, type AlertReceived } from '../../domain/events.ts';
import { rawAlertKey } from '../../domain/intake/raw-alert.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';
import type { Bus } from '../bus/bus.ts';
import type { BlobStore } from '../store/ports.ts';

/**
 * Larger bodies wait in the evidence bucket. The bus takes entries under 1 MB and the queue behind it messages of 1 MiB;
 * in an event the body is a JSON string, at worst twice its size.
 */
export const INLINE_BYTES = 200_000;

/**
 * Puts an alert on the bus as it came, by pointer when it is large. Resolves only when it is durable.
 * @param text the body; its UTF-8 form is the bytes that came
 * @throws BusUnavailableError, and whatever the store throws: then nobody may acknowledge the alert
 */
export async function handOver(
  deps: { readonly bus: Bus; readonly blobs: () => Promise<Pick<BlobStore, 'put'>> },
  delivery: Pick<AlertReceived, 'deliveryId' | 'source' | 'channel' | 'receivedAt' | 'refused'>,
  text: string,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const sha256 = sha256Hex(text);
  const bytes = Buffer.byteLength(text);
  const alert: AlertReceived = {
    ...delivery,
    sha256,
    bytes,
    body:
      bytes <= INLINE_BYTES
        ? { in: 'event', text }
        : { in: 'store', pointer: await (await deps.blobs()).put(rawAlertKey(sha256), text) },
  };
  await deps.bus.publish(ALERT_RECEIVED, alert);
  return { sha256, bytes };
}
