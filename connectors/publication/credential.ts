import type * as z from 'zod';
import { RefusedError } from '../http/request.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { DestinationRefusedError } from './destination.ts';

/** The other side does not accept the credential. `withCredential` reads it again once; a rotation may have happened. */
export class CredentialRefusedError extends Error {
  override readonly name = 'CredentialRefusedError';
}

/**
 * Runs a call with the cached credential and, if that is refused, once more with a freshly read one. A refused request
 * was certainly not carried out, so this is safe for creates too.
 * @throws DestinationRefusedError when the fresh one is refused as well
 */
export async function withCredential<Credential, Result>(
  secrets: Secrets,
  secret: { readonly name: string; readonly schema: z.ZodType<Credential> },
  call: (credential: Credential) => Promise<Result>,
): Promise<Result> {
  try {
    return await call(await secrets.get(secret.name, secret.schema));
  } catch (error) {
    if (!isCredentialRefusal(error)) throw error;
  }
  try {
    return await call(await secrets.get(secret.name, secret.schema, { fresh: true }));
  } catch (error) {
    if (!isCredentialRefusal(error)) throw error;
    throw new DestinationRefusedError(
      `${error.message}; check that secret ${secret.name} holds a valid credential with the rights named in the connector's README`,
      { cause: error },
    );
  }
}

function isCredentialRefusal(error: unknown): error is Error {
  return (
    error instanceof CredentialRefusedError ||
    (error instanceof RefusedError && (error.status === 401 || error.status === 403))
  );
}
