import type { AuditEntry } from '../../../domain/audit/entry.ts';
import { canonicalJson, sha256Hex } from '../../../domain/json/canonical.ts';
import { AUDIT, LISTING_SHARDS } from '../tables.ts';

/**
 * An entry as its item. `data` is stored as canonical JSON text: DynamoDB would refuse 32 levels, change lone surrogates
 * and round numbers, and each of these would break the hash of an honest entry.
 */
export function toAuditItem(entry: AuditEntry, writtenAt: Date) {
  return { ...entry, data: canonicalJson(entry.data), [AUDIT.recent.pk]: hourOf(entry.chain, writtenAt) };
}

/** The partition of the index in which a chain stands that was written to in this hour. */
export function hourOf(chain: string, at: Date): string {
  return partitionOf(at, Number.parseInt(sha256Hex(chain).slice(0, 8), 16) % LISTING_SHARDS);
}

/** All of them for an hour. */
export function partitionsOf(at: Date): readonly string[] {
  return Array.from({ length: LISTING_SHARDS }, (_, shard) => partitionOf(at, shard));
}

function partitionOf(at: Date, shard: number): string {
  return `${at.toISOString().slice(0, 13)}#${shard}`;
}

/** The item as an entry of unknown shape; text that is no JSON stays as it is, so that verification can name the entry. */
export function fromAuditItem(stored: Readonly<Record<string, unknown>>): unknown {
  const { [AUDIT.recent.pk]: _, ...item } = stored;
  const { data } = item;
  if (typeof data !== 'string') return item;
  try {
    return { ...item, data: JSON.parse(data) };
  } catch {
    return item;
  }
}
