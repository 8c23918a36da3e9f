/** One measured figure beside the figure it must reach. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Undefined: reported only. */
  readonly mustBe?: { readonly atLeast: number } | { readonly atMost: number };
}

export function holds({ measured, mustBe }: Figure): boolean {
  if (mustBe === undefined) return true;
  return 'atLeast' in mustBe ? measured >= mustBe.atLeast : measured <= mustBe.atMost;
}

/** Nearest-rank percentile; `p` between 0 and 100. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('no values');
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}
