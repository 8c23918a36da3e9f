import type { Baseline, Period } from '../../domain/baseline/baseline.ts';
import type { Link } from '../../domain/baseline/links.ts';
import type { Observation } from '../../domain/baseline/observe.ts';
import type { Source } from '../../domain/source.ts';

/** Habits of workloads, by `baselineKeyOf`. */
export interface BaselineStore {
  /**
   * Learns what one finding (or a vendor's profile) shows. Costs at most one write, and none when it says nothing new.
   * `busy`: others wrote the same baseline each time; what was to be learned is left out. @throws what the store throws
   */
  learn(key: string, seen: readonly Observation[], period: Period): Promise<'learned' | 'known' | 'busy'>;
  get(key: string): Promise<Baseline | undefined>;
}

/** An incident as another one sees it. */
export interface LinkedIncident {
  readonly incidentId: string;
  readonly openedAt: string;
  /** For people: `payments/checkout in prod-eks`. */
  readonly workload: string;
}

/** Which incidents share a value. */
export interface LinkStore {
  /** Remembers that the incident has these values. Saying it again is harmless. */
  link(incident: LinkedIncident, links: readonly Link[], now: Date): Promise<void>;
  /**
   * Other incidents of the last weeks with the same value, newest first; none when there are so many of them that the
   * value says nothing (a registry's address, a base image).
   */
  sharing(link: Link, options: { readonly except: string; readonly now: Date }): Promise<readonly LinkedIncident[]>;
}

/** How far a source was polled, and what came of it. */
export interface PollState {
  readonly source: Source;
  /** Everything up to here was asked for and handed on. */
  readonly cursor: string;
  readonly lastPollAt: string;
  /** Why the last poll stopped before its end; absent when it did not. */
  readonly trouble?: string | undefined;
  /** Alerts handed on by the last poll, seen before or not. */
  readonly lastAlerts: number;
}

export interface PollStore {
  get(source: Source): Promise<PollState | undefined>;
  /**
   * Moves the cursor from where this poller saw it (undefined: there was none). False when another one moved it
   * meanwhile; nothing is changed then.
   */
  advance(state: PollState, from: string | undefined): Promise<boolean>;
  /** Counts a finding that no push had brought before. */
  countOnlyPolled(source: Source, now: Date): Promise<void>;
  /** What only the poll found, since counting began. */
  onlyPolled(source: Source): Promise<{ readonly count: number; readonly lastAt?: string | undefined }>;
}
