import { RefusedError } from '../../../http/request.ts';
import { type Attempt, Attempts } from '../../attempts.ts';
import { isVendorTrouble, type Listing } from '../reader.ts';

/** Reads from a console of Prisma Cloud; a cut list leaves a gap too. */
export class ConsoleAttempts extends Attempts {
  constructor(now: () => Date) {
    super(now, failureOf);
  }

  async list<T>(field: string, missing: string, call: () => Promise<Listing<T>>): Promise<Attempt<Listing<T>>> {
    const attempt = await this.read(field, missing, call);
    if ('value' in attempt && attempt.value.truncated !== undefined) {
      this.note(field, `${missing} beyond the first ${attempt.value.items.length}`, attempt.value.truncated);
    }
    return attempt;
  }
}

function failureOf(error: unknown): string | undefined {
  if (!isVendorTrouble(error)) return undefined;
  const denied = error instanceof RefusedError && (error.status === 401 || error.status === 403);
  return denied ? `${error.message}; check the read credential and its permissions` : error.message;
}
