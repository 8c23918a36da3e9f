import type { IncidentOpened } from '../../domain/events.ts';
import type { Channel, Source } from '../../domain/source.ts';

/** When a source last sent anything, for a person who asks whether it is connected. */
export interface PushState {
  readonly source: Source;
  readonly lastPushAt: string;
  readonly lastChannel: Channel;
  /** When the vendor's own test last arrived; absent when none did. */
  readonly lastTestAt?: string | undefined;
}

export interface PushStore {
  note(source: Source, push: { readonly at: string; readonly channel: Channel; readonly test: boolean }): Promise<void>;
  get(source: Source): Promise<PushState | undefined>;
}

/** Incidents that were opened in a flood of others and wait for their turn to be investigated. */
export interface WaitingLine {
  /** Counts one more incident of its minute that may or may not have to wait. @returns how many there were with it */
  countInMinute(now: Date): Promise<number>;
  /** Puts it in the line and marks the incident as waiting, both or neither. Saying it again is harmless. */
  wait(event: IncidentOpened): Promise<void>;
  /** Who is next: the most severe first, among equals the oldest. */
  next(limit: number): Promise<readonly IncidentOpened[]>;
  /** Takes it out of the line. Harmless when it is not in it. */
  leave(event: IncidentOpened): Promise<void>;
}
