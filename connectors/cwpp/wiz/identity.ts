import { sha256Hex } from '../../../domain/json/canonical.ts';

/** Wiz ids are UUIDs; a longer one is hashed so that it cannot fill a key. */
const MAX_ID = 128;

/**
 * The vendor's id alone: an issue and its threat share theirs, and status, severity and channel may differ from delivery to
 * delivery of the same event. Ids are compared without case, as UUIDs are.
 */
export function deduplicationKeyOf(record: 'issue' | 'detection', id: string): string {
  const plain = id.trim().toLowerCase();
  return `wiz/${record}/${encodeURIComponent(plain.length <= MAX_ID ? plain.toWellFormed() : sha256Hex(plain))}`;
}

/** Uid of the finding: a digest of its key, so that a redelivery makes the same finding. */
export function findingUidOf(deduplicationKey: string): string {
  return `wiz-${sha256Hex(deduplicationKey).slice(0, 32)}`;
}
