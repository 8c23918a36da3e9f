import type * as z from 'zod';
import { SecretError, type Secrets } from '../../connectors/secrets/secrets.ts';

export interface MemorySecrets extends Secrets {
  /** What Secrets Manager holds; a cached value is served until somebody asks for a fresh one. */
  readonly stored: Map<string, unknown>;
  /** Names fetched, in order; a value served from the cache is no fetch. */
  readonly fetched: string[];
  /** While true, every fetch fails and the cache is cold. */
  unavailable: boolean;
}

export function memorySecrets(initial: Readonly<Record<string, unknown>> = {}): MemorySecrets {
  const cache = new Map<string, unknown>();
  const secrets: MemorySecrets = {
    stored: new Map(Object.entries(initial)),
    fetched: [],
    unavailable: false,
    async get<T>(name: string, schema: z.ZodType<T>, options?: { readonly fresh?: boolean }): Promise<T> {
      if (secrets.unavailable) throw new SecretError(`secret ${name} cannot be read`);
      if (options?.fresh || !cache.has(name)) {
        secrets.fetched.push(name);
        cache.set(name, secrets.stored.get(name));
      }
      const parsed = schema.safeParse(cache.get(name));
      if (!parsed.success) throw new SecretError(`secret ${name} is not there or lacks fields`);
      return parsed.data;
    },
  };
  return secrets;
}
