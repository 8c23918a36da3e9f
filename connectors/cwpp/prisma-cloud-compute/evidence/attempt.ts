import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { RefusedError } from '../../../http/request.ts';
import { isVendorTrouble, type Listing } from '../reader.ts';
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
      const failure = reasonOf(error);
      if (failure === undefined) throw error;
      this.note(field, missing, failure);
      return { failure };
    }
  }

  async list<T>(field: string, missing: string, call: () => Promise<Listing<T>>): Promise<Attempt<Listing<T>>> {
    const attempt = await this.read(field, missing, call);
    if ('value' in attempt && attempt.value.truncated !== undefined) {
      this.note(field, `${missing} beyond the first ${attempt.value.items.length}`, attempt.value.truncated);
    }
    return attempt;
  }
}

export function resultOf<T>(attempt: Attempt<T>): T | undefined {
  return 'value' in attempt ? attempt.value : undefined;
}

function reasonOf(error: unknown): string | undefined {
  if (!isVendorTrouble(error)) return undefined;
  const denied = error instanceof RefusedError && (error.status === 401 || error.status === 403);
  return denied ? `${error.message}; check the read credential and its permissions` : error.message;
}
