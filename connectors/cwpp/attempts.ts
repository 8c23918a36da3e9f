import type { EvidenceDraft } from '../../domain/evidence/pack.ts';
import { gap } from './draft.ts';

/** What came of one read: `failure` is the sentence of the gap. */
export type Attempt<T> = { readonly value: T } | { readonly failure: string };

/** Reads that may each fail alone; every failure leaves a gap (rule 9). */
export class Attempts {
  readonly #now: () => Date;
  readonly #failureOf: (error: unknown) => string | undefined;
  readonly #gaps: EvidenceDraft[] = [];

  /** @param failureOf the sentence for a person when an error is trouble with the vendor, and nothing when it is not */
  constructor(now: () => Date, failureOf: (error: unknown) => string | undefined) {
    this.#now = now;
    this.#failureOf = failureOf;
  }

  get gaps(): readonly EvidenceDraft[] {
    return this.#gaps;
  }

  note(field: string, missing: string, reason: string): void {
    this.#gaps.push(gap(field, this.#now().toISOString(), missing, reason));
  }

  /** @throws what is no trouble with the vendor: that is a fault of ours and must not look like a gap */
  async read<T>(field: string, missing: string, call: () => Promise<T>): Promise<Attempt<T>> {
    try {
      return { value: await call() };
    } catch (error) {
      const failure = this.#failureOf(error);
      if (failure === undefined) throw error;
      this.note(field, missing, failure);
      return { failure };
    }
  }
}

export function resultOf<T>(attempt: Attempt<T>): T | undefined {
  return 'value' in attempt ? attempt.value : undefined;
}
