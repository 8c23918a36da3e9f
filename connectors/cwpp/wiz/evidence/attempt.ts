import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { RefusedError } from '../../../http/request.ts';
import { type Attempt, Attempts, resultOf } from '../../attempts.ts';
import type { Answer } from '../graphql.ts';
import { GraphQlError, isVendorTrouble } from '../trouble.ts';

/** Reads from Wiz, whose answers may be half ones; those leave a gap too. */
export class WizAttempts {
  readonly #attempts: Attempts;

  constructor(now: () => Date) {
    this.#attempts = new Attempts(now, failureOf);
  }

  get gaps(): readonly EvidenceDraft[] {
    return this.#attempts.gaps;
  }

  note(field: string, missing: string, reason: string): void {
    this.#attempts.note(field, missing, reason);
  }

  /** @throws what is no trouble with the vendor: that is a fault of ours and must not look like a gap */
  async read<T>(field: string, missing: string, call: () => Promise<Answer<T>>): Promise<Attempt<T>> {
    const attempt = await this.#attempts.read(field, missing, call);
    if (!('value' in attempt)) return attempt;
    const { value, problems } = attempt.value;
    if (problems.length > 0) this.note(field, `part of ${missing}`, [...new Set(problems)].slice(0, 5).join('; '));
    return { value };
  }

  async list<T>(field: string, missing: string, call: () => Promise<Answer<readonly T[]>>): Promise<readonly T[]> {
    return resultOf(await this.read(field, missing, call)) ?? [];
  }

  async find<T>(field: string, missing: string, call: () => Promise<Answer<T | undefined>>): Promise<T | undefined> {
    return resultOf(await this.read(field, missing, call));
  }
}

const DENIED = /^(?:UNAUTHENTICATED|UNAUTHORIZED|FORBIDDEN_IP)$/;

function failureOf(error: unknown): string | undefined {
  if (!isVendorTrouble(error)) return undefined;
  const denied =
    (error instanceof RefusedError && (error.status === 401 || error.status === 403)) ||
    (error instanceof GraphQlError && DENIED.test(error.code));
  return denied ? `${error.message}; check the service account and its scopes` : error.message;
}
