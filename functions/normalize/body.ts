import { type BlobStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { AlertReceived } from '../../domain/events.ts';
import { rawAlertKey } from '../../domain/intake/raw-alert.ts';
import { structureFault, UNREADABLE } from '../../domain/intake/unreadable.ts';
import { sha256Hex } from '../../domain/json/canonical.ts';

export type Body =
  /** `keep` puts the body where `rawKey` says, once; whatever will refer to it must wait for that. */
  | { readonly ok: true; readonly text: string; readonly rawKey: string; readonly keep: () => Promise<void> }
  /** `rawKey` names where the body is, or where it should have been; digest and size are those of what is there. */
  | {
      readonly ok: false;
      readonly reason: string;
      readonly rawKey: string;
      readonly sha256: string;
      readonly bytes: number;
    };

/**
 * The body of an alert, by pointer if need be, proven to be the one that was received. What cannot be used is kept at once;
 * the rest when something refers to it, because of an alert that its sender repeats the first body is enough.
 * @throws whatever the store throws that is not "not there"; the queue tries again
 */
export async function fetchBody(blobs: BlobStore, alert: AlertReceived): Promise<Body> {
  const { encoding } = alert;
  const text = await keptText(blobs, alert);
  if (text === undefined) {
    const rawKey = alert.body.in === 'store' ? alert.body.pointer.key : rawAlertKey(alert.sha256, encoding);
    const reason = `the body is no longer in the evidence bucket at ${rawKey}`;
    return { ok: false, reason, rawKey, sha256: alert.sha256, bytes: alert.bytes };
  }
  const came = encoding === undefined ? text : Buffer.from(text, encoding);
  const found = { sha256: sha256Hex(came), bytes: Buffer.byteLength(came) };
  const rawKey = rawAlertKey(found.sha256, encoding);
  const keep = once(async () => {
    if (alert.body.in === 'event' || alert.body.pointer.key !== rawKey) await blobs.put(rawKey, text);
  });
  const reason = faultOf(alert, text, found);
  if (reason === undefined) return { ok: true, text, rawKey, keep };
  await keep();
  return { ok: false, reason, rawKey, ...found };
}

function faultOf(
  alert: AlertReceived,
  text: string,
  found: { readonly sha256: string; readonly bytes: number },
): string | undefined {
  if (found.sha256 !== alert.sha256 || found.bytes !== alert.bytes)
    return 'the body is not the one that was received: its digest or size differs';
  if (alert.encoding !== undefined) return alert.refused ?? UNREADABLE['not-utf8'];
  const fault = structureFault(text);
  return fault && UNREADABLE[fault];
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

async function keptText(blobs: BlobStore, alert: AlertReceived): Promise<string | undefined> {
  if (alert.body.in === 'event') return alert.body.text;
  try {
    return await blobs.get(alert.body.pointer.key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
