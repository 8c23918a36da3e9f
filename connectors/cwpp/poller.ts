/** What a source's folder gives reconciliation: its alerts by time, as the vendor's API has them. */
export interface AlertPoller {
  /**
   * One page of the alerts of a period, both ends included. A body is what `normalize` of the source takes on channel
   * `poll`. Paging is by an opaque `next`, which never is or holds an address.
   * @throws RefusedError, UnreachableError, UnusableAnswerError, SecretError: the page was not read, and is asked for again
   */
  poll(ask: PollAsk): Promise<PollPage>;
}

export interface PollAsk {
  readonly since: Date;
  readonly until: Date;
  /** At most this many; a vendor's own limit may be lower. */
  readonly limit: number;
  /** Of the page before; absent for the first. */
  readonly next?: string | undefined;
}

export interface PollPage {
  readonly bodies: readonly string[];
  /** Absent: this was the last page. */
  readonly next?: string | undefined;
}
