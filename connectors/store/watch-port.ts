import type { Seen, Watch } from '../../domain/watch/watch.ts';

/** The identity of a look: there is one for an action and a time. */
export type WatchId = Pick<Watch, 'incidentId' | 'actionId' | 'watch'>;

/** Later looks at actions that held, in the order in which they come due. */
export interface WatchStore {
  /** Puts a look in the line. One that was planned before stays as it was planned, so that a repeated verification moves nothing. */
  plan(watch: Watch): Promise<void>;
  /** Looks whose time has come and that nobody has finished, the longest due first. */
  due(now: Date, limit: number): Promise<readonly Watch[]>;
  /** Remembers what was seen; the first word stands. The look stays in the line until it leaves. @throws NotFoundError */
  record(watch: WatchId, seen: Seen): Promise<void>;
  /** Takes it out of the line. Harmless when it is not in it. */
  leave(watch: Pick<Watch, 'incidentId' | 'actionId' | 'watch' | 'dueAt'>): Promise<void>;
  /** All looks of an incident, finished or not, by action and time. */
  ofIncident(incidentId: string): Promise<readonly Watch[]>;
}
