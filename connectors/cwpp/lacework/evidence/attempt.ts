import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { RefusedError } from '../../../http/request.ts';
import { isVendorTrouble, type Listing } from '../limits.ts';
import { gap } from './draft.ts';

/** What came of one read: `failure` is the sentence of the gap. */
export type Attempt<T> = { readonly value: T } | { readonly failure: string };

/** Reads that may each fail alone; every failure and every cut list leaves a gap. */
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

  /** @throws what is no trouble with the vendor: that is a fault of ours and must not look like a gap */
  async read<T>(field: string, missing: string, call: () => Promise<T>): Promise<Attempt<T>> {
    try {
      return { value: await call() };
    } catch (error) {
      if (!isVendorTrouble(error)) throw error;
      const failure = reasonOf(error);
      this.note(field, missing, failure);
      return { failure };
    }
  }

  /** The records, none of them when they could not be read. */
  async list<T>(field: string, missing: string, call: () => Promise<Listing<T>>): Promise<readonly T[]> {
    const attempt = await this.read(field, missing, call);
    if (!('value' in attempt)) return [];
    const { items, truncated } = attempt.value;
    if (truncated !== undefined) this.note(field, `${missing} beyond the first ${items.length}`, truncated);
    return items;
  }
}

function reasonOf(error: Error): string {
  const denied = error instanceof RefusedError && (error.status === 401 || error.status === 403);
  return denied ? `${error.message}; check the API key and the rights of its user` : error.message;
}
