import type { PushState, PushStore, WaitingLine } from '../../connectors/store/intake-ports.ts';
import type { IncidentOpened } from '../../domain/events.ts';
import { severityRank } from '../../domain/severity.ts';
import type { Source } from '../../domain/source.ts';
import { type Failing, failing } from './failures.ts';
import type { MemoryIncidentStore } from './incident-store.ts';

export type MemoryPushStore = PushStore & Failing<keyof PushStore> & { readonly noted: readonly Source[] };
export function memoryPushStore(): MemoryPushStore {
  const states = new Map<Source, PushState>();
  const noted: Source[] = [];
  return failing({
    noted,
    async note(source, { at, channel, test }) {
      noted.push(source);
      const before = states.get(source);
      const lastTestAt = test ? at : before?.lastTestAt;
      states.set(source, { source, lastPushAt: at, lastChannel: channel, ...(lastTestAt ? { lastTestAt } : {}) });
    },
    async get(source) {
      return states.get(source);
    },
  } satisfies PushStore & { readonly noted: readonly Source[] });
}

export type MemoryWaitingLine = WaitingLine & Failing<keyof WaitingLine> & { readonly counted: () => number };
/** The line beside the incidents it marks. */
export function memoryWaitingLine(incidents: Pick<MemoryIncidentStore, 'markWaiting'>): MemoryWaitingLine {
  const counts = new Map<string, number>();
  const waiting = new Map<string, IncidentOpened>();
  return failing({
    counted: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    async countInMinute(now) {
      const minute = now.toISOString().slice(0, 16);
      const count = (counts.get(minute) ?? 0) + 1;
      counts.set(minute, count);
      return count;
    },
    async wait(event) {
      waiting.set(event.incidentId, event);
      incidents.markWaiting(event.incidentId);
    },
    async next(limit) {
      const inOrder = [...waiting.values()].sort(
        (a, b) =>
          severityRank(b.severity) - severityRank(a.severity) ||
          a.openedAt.localeCompare(b.openedAt, 'en') ||
          a.incidentId.localeCompare(b.incidentId, 'en'),
      );
      return inOrder.slice(0, limit);
    },
    async leave({ incidentId }) {
      waiting.delete(incidentId);
    },
  } satisfies WaitingLine & { readonly counted: () => number });
}
