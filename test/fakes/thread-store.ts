import { ThreadFullError, type ThreadStore } from '../../connectors/store/thread-port.ts';
import type { Turn } from '../../domain/ask/exchange.ts';
import { MOST_TURNS } from '../../domain/ask/thread.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryThreadStore = ThreadStore & Failing<keyof ThreadStore>;

export function memoryThreadStore(): MemoryThreadStore {
  const held = new Map<string, Turn[]>();
  const of = (incidentId: string): Turn[] => held.get(incidentId) ?? [];
  return failing({
    async append(incidentId, draft) {
      const before = of(incidentId).filter(({ threadId }) => threadId === draft.threadId);
      if (before.length >= MOST_TURNS) throw new ThreadFullError(`a thread has at most ${MOST_TURNS} turns`);
      const turn: Turn = { ...draft, turn: before.length + 1 };
      held.set(incidentId, [...of(incidentId), turn]);
      return turn;
    },
    async turns(incidentId, threadId, { last }) {
      return of(incidentId)
        .filter((turn) => turn.threadId === threadId)
        .slice(-last);
    },
    async all(incidentId, { limit }) {
      return [...of(incidentId)]
        .sort((a, b) => (a.threadId < b.threadId ? -1 : a.threadId > b.threadId ? 1 : a.turn - b.turn))
        .slice(0, limit);
    },
  } satisfies ThreadStore);
}
