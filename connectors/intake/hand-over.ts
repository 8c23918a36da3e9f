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
 * @param body a text whose UTF-8 form is the bytes that came, or the bytes themselves when they are no text
 * @throws BusUnavailableError, and whatever the store throws: then nobody may acknowledge the alert
 */
export async function handOver(
  deps: { readonly bus: Bus; readonly blobs: () => Promise<Pick<BlobStore, 'put'>> },
  delivery: Pick<AlertReceived, 'deliveryId' | 'source' | 'channel' | 'receivedAt' | 'refused'>,
  body: string | Buffer,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const sha256 = sha256Hex(body);
  const bytes = Buffer.byteLength(body);
  const encoding = typeof body === 'string' ? undefined : 'base64';
  const text = typeof body === 'string' ? body : body.toString('base64');
  const alert: AlertReceived = {
    ...delivery,
    sha256,
    bytes,
    ...(encoding && { encoding }),
    body: Buffer.byteLength(text) <= INLINE_BYTES ? { in: 'event', text } : await inStore(),
  };
  await deps.bus.publish(ALERT_RECEIVED, alert);
  return { sha256, bytes };

  async function inStore(): Promise<AlertReceived['body']> {
    const { key } = await (await deps.blobs()).put(rawAlertKey(sha256, encoding), text);
    return { in: 'store', pointer: { key, sha256, bytes } };
  }
}
