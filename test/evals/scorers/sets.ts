/** Counts of a comparison; halves occur where a sub-technique stands for its parent. */
export interface Counts {
  readonly hits: number;
  /** Of what was given. */
  readonly given: number;
  /** Of what was expected. */
  readonly expected: number;
}

export const NONE: Counts = { hits: 0, given: 0, expected: 0 };

export function plus(a: Counts, b: Counts): Counts {
  return { hits: a.hits + b.hits, given: a.given + b.given, expected: a.expected + b.expected };
}

/** 1 where nothing was given: nothing given is nothing wrong. */
export function precision({ hits, given }: Counts): number {
  return given === 0 ? 1 : hits / given;
}

/** 1 where nothing was expected. */
export function recall({ hits, expected }: Counts): number {
  return expected === 0 ? 1 : hits / expected;
}

export function f1(counts: Counts): number {
  const [p, r] = [precision(counts), recall(counts)];
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}

/** The interval of Wilson (1927) in which the true share lies with 95 % confidence. Of no trials nothing is known. */
export function wilson(successes: number, trials: number): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const z = 1.959964;
  const share = Math.min(1, Math.max(0, successes / trials));
  const middle = share + (z * z) / (2 * trials);
  const reach = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return [Math.max(0, (middle - reach) / scale), Math.min(1, (middle + reach) / scale)];
}
