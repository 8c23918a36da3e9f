import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { PushStore } from '../../connectors/store/intake-ports.ts';
import type { AlertReceived } from '../../domain/events.ts';

export interface PushNotes {
  /** Remembers that the source sent something. Never throws: an alert must not come again because of a note about it. */
  note(alert: Pick<AlertReceived, 'source' | 'channel' | 'receivedAt'>, test: boolean): Promise<void>;
}

/** A person wants to know whether anything came this morning; a write for each alert of a storm would tell nothing more. */
const EVERY_MS = 60_000;

/** What a source sent last, written at most once a minute by one process, tests apart from alerts. A poll is no push. */
export function pushNotes(deps: {
  readonly store: Pick<PushStore, 'note'>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}): PushNotes {
  const { store, telemetry, now } = deps;
  const written = new Map<string, number>();
  return {
    async note({ source, channel, receivedAt }, test) {
      if (channel === 'poll') return;
      const what = `${source} ${test ? 'test' : 'alert'}`;
      const at = now().getTime();
      if (at - (written.get(what) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
      written.set(what, at);
      try {
        await store.note(source, { at: receivedAt, channel, test });
      } catch (error) {
        written.delete(what);
        telemetry.warn('push not noted', { source });
        if (error instanceof Error) telemetry.count('PushNotNoted', { source });
      }
    },
  };
}
