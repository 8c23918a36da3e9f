import type { AuditEntry } from '../../../domain/audit/entry.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';

/**
 * An entry as its item. `data` is stored as canonical JSON text: DynamoDB would refuse 32 levels, change lone surrogates
 * and round numbers, and each of these would break the hash of an honest entry.
 */
export function toAuditItem(entry: AuditEntry) {
  return { ...entry, data: canonicalJson(entry.data) };
}

/** The item as an entry of unknown shape; text that is no JSON stays as it is, so that verification can name the entry. */
export function fromAuditItem(item: Readonly<Record<string, unknown>>): unknown {
  const { data } = item;
  if (typeof data !== 'string') return item;
  try {
    return { ...item, data: JSON.parse(data) };
  } catch {
    return item;
  }
}
