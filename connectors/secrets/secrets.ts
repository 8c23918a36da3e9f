import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type * as z from 'zod';

/** The secret is missing, unreadable or has not the fields its user needs: a deployment matter for a person. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** How everything outside composition sees secrets. Values never leave through logs, events or state. */
export interface Secrets {
  /** Parsed fields of the secret, cached for minutes; `fresh` refetches (once after a refusal, never in a loop). @throws SecretError */
  get<T>(name: string, schema: z.ZodType<T>, options?: { readonly fresh?: boolean }): Promise<T>;
}

/** DESIGN and reference: 300 s, instead of the library's 5 s, which would make every alert pay a call. */
const MAX_AGE_SECONDS = 300;

export function secretsFrom(client: SecretsManagerClient): Secrets {
  const provider = new SecretsProvider({ awsSdkV3Client: client });
  return {
    async get(name, schema, options) {
      const raw = await provider
        .get(name, { maxAge: MAX_AGE_SECONDS, forceFetch: options?.fresh ?? false })
        .catch((cause: unknown) => {
          throw new SecretError(
            `secret ${name} cannot be read; check that it exists and that this function may read it`,
            { cause },
          );
        });
      return parseSecret(name, raw, schema);
    },
  };
}

function parseSecret<T>(name: string, raw: unknown, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(typeof raw === 'string' ? raw : '');
  } catch {
    // The cause is left out on purpose: a JSON error message quotes the text it failed on.
    throw new SecretError(`secret ${name} is not a JSON object`);
  }
  return fieldsOf(name, value, schema);
}

/** The fields its user needs, or which of them are wrong; never a value. @throws SecretError */
export function fieldsOf<T>(name: string, value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'value').join(', ');
  throw new SecretError(`secret ${name} lacks or has malformed: ${fields}`);
}
