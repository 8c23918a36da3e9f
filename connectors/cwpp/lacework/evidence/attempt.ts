import { RefusedError } from '../../../http/request.ts';
import { Attempts } from '../../attempts.ts';
import { isVendorTrouble, type Listing } from '../limits.ts';

/** Reads from Lacework; a cut list leaves a gap too. */
export class LaceworkAttempts extends Attempts {
  constructor(now: () => Date) {
    super(now, failureOf);
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

function failureOf(error: unknown): string | undefined {
  if (!isVendorTrouble(error)) return undefined;
  const denied = error instanceof RefusedError && (error.status === 401 || error.status === 403);
  return denied ? `${error.message}; check the API key and the rights of its user` : error.message;
}
