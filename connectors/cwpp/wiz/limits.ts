import { DEFAULT_LIMITS, type HttpLimits } from '../../http/request.ts';

export interface ReadLimits {
  readonly http: HttpLimits;
  /** Of one list, and of records in it. */
  readonly maxPages: number;
  readonly maxItems: number;
  /** Over the client's life: HTTP calls (repeats counted), bytes of answers, time spent waiting for them. */
  readonly maxCalls: number;
  readonly maxBytes: number;
  readonly maxMilliseconds: number;
}

/** Wiz publishes no rate; third parties take 10 calls at a time for a limit. One part sends one call after the other. */
export const DEFAULT_READ_LIMITS: ReadLimits = {
  http: { ...DEFAULT_LIMITS, timeoutMs: 8_000, attempts: 4 },
  maxPages: 10,
  maxItems: 500,
  maxCalls: 30,
  maxBytes: 20_000_000,
  maxMilliseconds: 40_000,
};

export interface ReadCost {
  readonly calls: number;
  readonly bytes: number;
  readonly milliseconds: number;
}
