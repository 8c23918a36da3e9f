import { NotFoundError } from '../../connectors/store/ports.ts';
import type { WatchId, WatchStore } from '../../connectors/store/watch-port.ts';
import { inOrder, type Watch, watchSchema } from '../../domain/watch/watch.ts';
import { type Failing, failing } from './failures.ts';

const keyOf = ({ incidentId, actionId, watch }: WatchId): string => `${incidentId}#${actionId}#${watch}`;

export type MemoryWatchStore = WatchStore & Failing<keyof WatchStore>;
export function memoryWatchStore(): MemoryWatchStore {
  const watches = new Map<string, Watch>();
  const line = new Set<string>();
  return failing({
    async plan(watch) {
      if (watches.has(keyOf(watch))) return;
      watches.set(keyOf(watch), watchSchema.parse(watch));
      line.add(keyOf(watch));
    },
    async due(now, limit) {
      return [...line]
        .flatMap((key) => watches.get(key) ?? [])
        .filter(({ dueAt }) => Date.parse(dueAt) <= now.getTime())
        .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
        .slice(0, limit);
    },
    async record(id, seen) {
      const watch = watches.get(keyOf(id));
      if (watch === undefined) throw new NotFoundError('not watched');
      watches.set(keyOf(id), { ...watch, seen: watch.seen ?? seen });
    },
    async leave(watch) {
      line.delete(keyOf(watch));
    },
    async ofIncident(incidentId) {
      return inOrder([...watches.values()].filter((watch) => watch.incidentId === incidentId));
    },
  } satisfies WatchStore);
}
