import { RefusedError, UnreachableError, UnusableAnswerError } from '../../http/request.ts';
import { SecretError } from '../../secrets/secrets.ts';

/** The API answered the operation with errors and no data. `code` is `extensions.code` of the first one. */
export class GraphQlError extends Error {
  override readonly name = 'GraphQlError';
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** The calls, bytes or seconds allowed for this client are used up. Whatever was read before stays usable. */
export class ReadBudgetError extends Error {
  override readonly name = 'ReadBudgetError';
}

/** Everything that can go wrong between us and Wiz, as opposed to a fault of ours. */
export function isVendorTrouble(error: unknown): error is Error {
  return [GraphQlError, RefusedError, UnreachableError, UnusableAnswerError, SecretError, ReadBudgetError].some(
    (trouble) => error instanceof trouble,
  );
}
