import { type AuditEntry, auditEntrySchema } from '../domain/audit/entry.ts';

/** What is no audit entry is for `audit verify` to name, and says nothing to other commands. */
export function genuine(chain: readonly unknown[]): readonly AuditEntry[] {
  return chain.flatMap((entry) => auditEntrySchema.safeParse(entry).data ?? []);
}
