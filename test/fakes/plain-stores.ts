import {
  type AuditLog,
  type AuditRecency,
  type BlobStore,
  NotFoundError,
  type QuarantineRecord,
  type QuarantineStore,
} from '../../connectors/store/ports.ts';
import { type AuditEntry, nextEntry } from '../../domain/audit/entry.ts';
import { quarantineIdFor } from '../../domain/intake/quarantine.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryQuarantineStore = QuarantineStore & Failing<keyof QuarantineStore>;
export function memoryQuarantineStore(): MemoryQuarantineStore {
  const records = new Map<string, QuarantineRecord>();
  return failing({
    async hold(draft) {
      const quarantineId = quarantineIdFor(draft);
      const before = records.get(quarantineId);
      if (before?.status === 'held') return before;
      const record: QuarantineRecord = { ...draft, quarantineId, status: 'held' };
      records.set(quarantineId, record);
      return record;
    },
    async list({ limit }) {
      return [...records.values()]
        .sort((a, b) => Date.parse(b.quarantinedAt) - Date.parse(a.quarantinedAt))
        .slice(0, limit);
    },
    async get(quarantineId) {
      return records.get(quarantineId);
    },
    async markReplayed(quarantineId, at) {
      const record = records.get(quarantineId);
      if (record === undefined) throw new NotFoundError(`there is no quarantined alert ${quarantineId}`);
      records.set(quarantineId, { ...record, status: 'replayed', replayedAt: at.toISOString() });
    },
  } satisfies QuarantineStore);
}

export type MemoryAuditLog = AuditLog &
  AuditRecency &
  Failing<keyof AuditLog | 'readUnparsed'> & { readUnparsed(chain: string): Promise<readonly unknown[]> };
/** Entries go through canonical JSON, as in the table: what has no JSON form is refused here too. */
export function memoryAuditLog(now: () => Date = () => new Date()): MemoryAuditLog {
  const chains = new Map<string, AuditEntry[]>();
  const written: { readonly chain: string; readonly at: number }[] = [];
  const entriesOf = (chain: string): readonly AuditEntry[] => chains.get(chain) ?? [];
  return failing({
    async append(record) {
      const data: Record<string, unknown> = JSON.parse(canonicalJson(record.data));
      const entry = nextEntry(entriesOf(record.chain).at(-1), { ...record, data });
      chains.set(record.chain, [...entriesOf(record.chain), entry]);
      written.push({ chain: record.chain, at: now().getTime() });
      return entry;
    },
    async read(chain) {
      return entriesOf(chain);
    },
    async readUnparsed(chain: string) {
      return entriesOf(chain);
    },
    async head(chain) {
      return entriesOf(chain).at(-1);
    },
    async chainsSince(since, until) {
      const hour = (at: number): number => Math.floor(at / 3600_000);
      return new Set(
        written.flatMap(({ chain, at }) =>
          hour(at) >= hour(since.getTime()) && hour(at) <= hour(until.getTime()) ? [chain] : [],
        ),
      );
    },
  } satisfies AuditLog & AuditRecency & { readUnparsed(chain: string): Promise<readonly unknown[]> });
}

export type MemoryBlobStore = BlobStore & Failing<keyof BlobStore> & { keys(): readonly string[] };
export function memoryBlobStore(): MemoryBlobStore {
  const bodies = new Map<string, string>();
  return failing({
    keys: () => [...bodies.keys()].sort(),
    async put(key, body) {
      bodies.set(key, body);
      return { key, sha256: sha256Hex(body), bytes: Buffer.byteLength(body) };
    },
    async get(key) {
      const body = bodies.get(key);
      if (body === undefined) throw new NotFoundError(`there is no object ${key}`);
      return body;
    },
  } satisfies BlobStore & { keys(): readonly string[] });
}
