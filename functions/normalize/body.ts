import { type BlobStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { AlertReceived } from '../../domain/events.ts';
import { measureJson } from '../../domain/intake/json-limits.ts';
import { rawAlertKey } from '../../domain/intake/raw-alert.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';

export type Body =
  /** `keep` puts the body where `rawKey` says, once; whatever will refer to it must wait for that. */
  | { readonly ok: true; readonly text: string; readonly rawKey: string; readonly keep: () => Promise<void> }
  /** `text` is absent when there is no body at all; `rawKey` names where it is, or where it should have been. */
  | { readonly ok: false; readonly reason: string; readonly rawKey: string; readonly text?: string };

/**
 * The body of an alert, by pointer if need be, proven to be the one that was received. What cannot be used is kept at once;
 * the rest when something refers to it, because of an alert that its sender repeats the first body is enough.
 * @throws whatever the store throws that is not "not there"; the queue tries again
 */
export async function fetchBody(blobs: BlobStore, alert: AlertReceived): Promise<Body> {
  const text = await textOf(blobs, alert);
  if (text === undefined) {
    const rawKey = alert.body.in === 'store' ? alert.body.pointer.key : rawAlertKey(alert.sha256);
    return { ok: false, reason: `the body is no longer in the evidence bucket at ${rawKey}`, rawKey };
  }
  const sha256 = sha256Hex(text);
  const rawKey = rawAlertKey(sha256);
  const keep = once(async () => {
    if (alert.body.in === 'event' || alert.body.pointer.key !== rawKey) await blobs.put(rawKey, text);
  });
  if (sha256 !== alert.sha256 || Buffer.byteLength(text) !== alert.bytes) {
    await keep();
    return { ok: false, reason: 'the body is not the one that was received: its digest or size differs', rawKey, text };
  }
  const measure = measureJson(text);
  if (measure.ok) return { ok: true, text, rawKey, keep };
  await keep();
  const reason = `the body is ${measure.reason === 'too deep' ? 'nested too deeply' : 'too large in structure'}`;
  return { ok: false, reason, rawKey, text };
}

/** Work that is done once and waited for by all who need it; after a failure it is done again. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return async () => {
    done ??= work();
    try {
      await done;
    } catch (error) {
      done = undefined;
      throw error;
    }
  };
}

async function textOf(blobs: BlobStore, alert: AlertReceived): Promise<string | undefined> {
  if (alert.body.in === 'event') return alert.body.text;
  try {
    return await blobs.get(alert.body.pointer.key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
