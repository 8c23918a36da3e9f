import { RefusedError } from '../../http/request.ts';
import { Attempts } from '../attempts.ts';
import { isAwsTrouble } from './reader.ts';

/** Reads from AWS. */
export function awsAttempts(now: () => Date): Attempts {
  return new Attempts(now, failureOf);
}

function failureOf(error: unknown): string | undefined {
  if (!isAwsTrouble(error)) return undefined;
  const denied = error instanceof RefusedError && error.status === 403;
  return denied ? `${error.message}; check the permissions of gather-cwpp` : error.message;
}
