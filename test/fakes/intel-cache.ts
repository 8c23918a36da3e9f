import type { CacheStore } from '../../connectors/intel/cache.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryIntelCache = CacheStore & Failing<keyof CacheStore> & { keys(): readonly string[] };

export function memoryIntelCache(): MemoryIntelCache {
  const entries = new Map<string, { readonly body: string; readonly checkedAt: string; readonly expiresAt: Date }>();
  const used = new Map<string, number>();
  return failing({
    keys: () => [...entries.keys()].sort(),
    async get(key: string, now: Date) {
      const entry = entries.get(key);
      return entry === undefined || entry.expiresAt <= now
        ? undefined
        : { body: entry.body, checkedAt: entry.checkedAt };
    },
    async put(key: string, entry: { readonly body: string; readonly checkedAt: string; readonly expiresAt: Date }) {
      entries.set(key, entry);
    },
    async take(key: string, { calls, seconds }: { readonly calls: number; readonly seconds: number }, now: Date) {
      const window = `${key} ${seconds} ${Math.floor(now.getTime() / 1000 / seconds)}`;
      const before = used.get(window) ?? 0;
      if (before >= calls) return false;
      used.set(window, before + 1);
      return true;
    },
  });
}
