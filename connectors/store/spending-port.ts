import type { Tokens } from '../../domain/models/spending.ts';

/** What a call to a model may cost at most; set aside before it is made. */
export interface Reservation {
  /** UTC, `2026-11-25`; kept for the settlement, so that a call over midnight is counted once. */
  readonly day: string;
  readonly incidentId: string;
  readonly tokens: number;
  /** Millionths of a US dollar; 0 when the price is unknown. */
  readonly microUsd: number;
}

export interface SpendingLimits {
  readonly tokensPerIncident: number;
  /** Absent: no limit in money. */
  readonly microUsdPerDay?: number | undefined;
}

/** What a call did cost. */
export interface Spent {
  readonly profile: string;
  readonly tokens: Tokens;
  /** Undefined: the profile has no price. */
  readonly microUsd: number | undefined;
  /** The day the price was looked up, where there is one. */
  readonly priceAsOf?: string | undefined;
}

/** What was spent on one profile, on a day or for an incident. */
export interface ProfileSpending {
  readonly profile: string;
  readonly calls: number;
  readonly tokens: Tokens;
  readonly microUsd: number;
  /** Calls whose price is unknown: `microUsd` does not hold them. */
  readonly unpricedCalls: number;
  /** Of the newest price that was counted with. */
  readonly priceAsOf?: string | undefined;
}

/**
 * Counts what models cost and stops before a limit is passed, whatever runs at the same time. A crash between the two
 * calls leaves the reservation counted against the limits: too much is counted, never too little.
 */
export interface SpendingStore {
  /** Sets aside atomically, or says which limit it would pass and changes nothing. @throws what the store throws */
  reserve(want: Reservation, limits: SpendingLimits): Promise<'reserved' | 'incident-tokens' | 'day-money'>;
  /** Puts what was spent in the place of what was set aside. */
  settle(reserved: Reservation, spent: Spent): Promise<void>;
  ofIncident(incidentId: string): Promise<readonly ProfileSpending[]>;
  ofDay(day: string): Promise<readonly ProfileSpending[]>;
}
