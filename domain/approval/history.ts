import type { AuditEntry, AuditKind } from '../audit/entry.ts';

/** Whether a chain already says this: keeps a retried step from writing the same sentence twice. */
export function saidBefore(
  entries: readonly AuditEntry[],
  kind: AuditKind,
  data: Readonly<Record<string, string>>,
): boolean {
  return entries.some(
    (entry) => entry.kind === kind && Object.entries(data).every(([key, value]) => entry.data[key] === value),
  );
}
