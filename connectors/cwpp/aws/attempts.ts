import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import { RefusedError } from '../../http/request.ts';
import { gap } from './draft.ts';
import { isAwsTrouble } from './reader.ts';

/** What came of one read: `failure` is the sentence of the gap. */
export type Attempt<T> = { readonly value: T } | { readonly failure: string };

/** Reads that may each fail alone; every failure leaves a gap. */
export class Attempts {
  readonly #now: () => Date;
  readonly #gaps: EvidenceDraft[] = [];

  constructor(now: () => Date) {
    this.#now = now;
  }

  get gaps(): readonly EvidenceDraft[] {
    return this.#gaps;
  }

  note(field: string, missing: string, reason: string): void {
    this.#gaps.push(gap(field, this.#now().toISOString(), missing, reason));
  }

  /** @throws what is no trouble with AWS: that is a fault of ours and must not look like a gap */
  async read<T>(field: string, missing: string, call: () => Promise<T>): Promise<Attempt<T>> {
    try {
      return { value: await call() };
    } catch (error) {
      if (!isAwsTrouble(error)) throw error;
      const denied = error instanceof RefusedError && error.status === 403;
      const failure = denied ? `${error.message}; check the permissions of gather-cwpp` : error.message;
      this.note(field, missing, failure);
      return { failure };
    }
  }
}

export function resultOf<T>(attempt: Attempt<T>): T | undefined {
  return 'value' in attempt ? attempt.value : undefined;
}
