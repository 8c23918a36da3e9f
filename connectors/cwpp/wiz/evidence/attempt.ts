import type { Fact } from '../../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft, Trust } from '../../../../domain/evidence/pack.ts';
import { capped, SHORT_TEXT_CAP } from '../../../../domain/ocsf/text.ts';
import { RefusedError } from '../../../http/request.ts';
import type { Answer } from '../graphql.ts';
import { GraphQlError, isVendorTrouble } from '../trouble.ts';

/** A fact read from Wiz. `field` is where: the root field of the query, with the index in its list. */
export function fromWiz(
  field: string,
  trust: Trust,
  observedAt: string,
  fact: Fact,
  entities: readonly (EntityRef | undefined)[] = [],
): EvidenceDraft {
  return { source: 'cwpp_api', field, trust, observedAt, fact, entities: entities.filter((ref) => ref !== undefined) };
}

/** What came of one read: `failure` is the sentence of the gap. */
export type Attempt<T> = { readonly value: T } | { readonly failure: string };

/** Reads that may each fail alone; every failure and every half answer leaves a gap (rule 9). */
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
    const fact = { kind: 'gap' as const, missing, reason: capped(reason, SHORT_TEXT_CAP) };
    this.#gaps.push(fromWiz(field, 'own', this.#now().toISOString(), fact));
  }

  /** @throws what is no trouble with the vendor: that is a fault of ours and must not look like a gap */
  async read<T>(field: string, missing: string, call: () => Promise<Answer<T>>): Promise<Attempt<T>> {
    try {
      const { value, problems } = await call();
      if (problems.length > 0) this.note(field, `part of ${missing}`, [...new Set(problems)].slice(0, 5).join('; '));
      return { value };
    } catch (error) {
      const failure = reasonOf(error);
      if (failure === undefined) throw error;
      this.note(field, missing, failure);
      return { failure };
    }
  }

  async list<T>(field: string, missing: string, call: () => Promise<Answer<readonly T[]>>): Promise<readonly T[]> {
    const attempt = await this.read(field, missing, call);
    return 'value' in attempt ? attempt.value : [];
  }

  async find<T>(field: string, missing: string, call: () => Promise<Answer<T | undefined>>): Promise<T | undefined> {
    const attempt = await this.read(field, missing, call);
    return 'value' in attempt ? attempt.value : undefined;
  }
}

const DENIED = /^(?:UNAUTHENTICATED|UNAUTHORIZED|FORBIDDEN_IP)$/;

function reasonOf(error: unknown): string | undefined {
  if (!isVendorTrouble(error)) return undefined;
  const denied =
    (error instanceof RefusedError && (error.status === 401 || error.status === 403)) ||
    (error instanceof GraphQlError && DENIED.test(error.code));
  return denied ? `${error.message}; check the service account and its scopes` : error.message;
}
