import type * as z from 'zod';
import { DEFAULT_LIMITS, type HttpLimits, RefusedError, request, UnreachableError } from '../../http/request.ts';
import { fieldsOf, SecretError, type Secrets } from '../secrets.ts';
import { type LoginDeps, parseAnswer, vaultHeaders, vaultTokens, vaultUrl } from './login.ts';
import { secretAnswerSchema } from './schema.ts';

/** As for Secrets Manager. */
const MAX_AGE_MS = 300_000;
/** A Vault that is sealed or gone does not stop us at once: a value not older than this still serves. */
const STALE_MS = 3_600_000;
/** Callers wait for a secret before anything else, and have their own deadlines. */
const LIMITS: HttpLimits = { ...DEFAULT_LIMITS, timeoutMs: 5_000, maxWaitMs: 2_000, maxAnswerBytes: 200_000 };

interface Held {
  readonly fields: unknown;
  readonly at: number;
}

/**
 * Secrets of a HashiCorp Vault (KV version 2), read with a token of an AWS IAM log-in. The value is cached for minutes;
 * concurrent callers share one read; a refused token is replaced once.
 */
export function vaultSecrets(deps: Omit<LoginDeps, 'limits'> & { readonly limits?: Partial<HttpLimits> }): Secrets {
  const limits = { ...LIMITS, ...deps.limits };
  const tokens = vaultTokens({ ...deps, limits });
  const held = new Map<string, Held>();
  const pending = new Map<string, Promise<Held>>();

  function fetchOnce(name: string): Promise<Held> {
    const running = pending.get(name);
    if (running) return running;
    const reading = read(name)
      .then((fields) => {
        const fetched = { fields, at: deps.now().getTime() };
        held.set(name, fetched);
        return fetched;
      })
      .finally(() => pending.delete(name));
    pending.set(name, reading);
    return reading;
  }

  async function read(name: string): Promise<unknown> {
    const url = secretUrl(deps.settings, name);
    const token = await tokens.get();
    try {
      return await ask(name, url, token);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 403) throw error;
      return await ask(name, url, await tokens.get(token));
    }
  }

  async function ask(name: string, url: string, token: string): Promise<unknown> {
    const headers = { ...vaultHeaders(deps.settings), 'x-vault-token': token };
    const { text } = await request(deps.http, { method: 'GET', url, headers }, limits);
    return parseAnswer(text, secretAnswerSchema, `secret ${name} in Vault`).data.data;
  }

  return {
    async get<T>(name: string, schema: z.ZodType<T>, options?: { readonly fresh?: boolean }): Promise<T> {
      const fresh = options?.fresh ?? false;
      const known = held.get(name);
      const age = known === undefined ? Number.POSITIVE_INFINITY : deps.now().getTime() - known.at;
      if (known !== undefined && !fresh && age < MAX_AGE_MS) return fieldsOf(name, known.fields, schema);
      try {
        return fieldsOf(name, (await fetchOnce(name)).fields, schema);
      } catch (error) {
        if (error instanceof SecretError) throw error;
        if (known !== undefined && !fresh && age < STALE_MS && isOutage(error)) {
          return fieldsOf(name, known.fields, schema);
        }
        throw new SecretError(`secret ${name} cannot be read from Vault: ${reasonOf(error, deps)}`, { cause: error });
      }
    },
  };
}

/** @throws SecretError when the name is not one of a path */
function secretUrl(settings: LoginDeps['settings'], name: string): string {
  const { kvMount, pathPrefix } = settings;
  const parts = [...(pathPrefix === undefined ? [] : pathPrefix.split('/')), ...name.split('/')];
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new SecretError(`secret ${name} is no path of Vault: it has an empty part, . or ..`);
  }
  return vaultUrl(settings, `${kvMount}/data/${parts.map((part) => encodeURIComponent(part)).join('/')}`);
}

/** Sealed, standby or gone: it passes, and the value we had is still the value. A refusal is not: it may be meant. */
function isOutage(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof RefusedError && (error.status === 429 || error.status === 473 || error.status >= 500);
}

function reasonOf(error: unknown, { settings, role }: Pick<LoginDeps, 'settings' | 'role'>): string {
  if (error instanceof UnreachableError) return 'Vault cannot be reached from this function';
  if (!(error instanceof RefusedError)) return 'an unexpected error';
  switch (error.status) {
    case 400:
      return `the log-in as role ${role} was not understood or not accepted; check the role, its bound principal and the STS region`;
    case 403:
      return `role ${role} may not log in or may not read it; check the policy and mount ${settings.kvMount} (KV version 2)`;
    case 404:
      return `there is nothing at that path of mount ${settings.kvMount}, or its newest version is deleted`;
    case 429:
    case 473:
    case 503:
      return `Vault is sealed, a standby or over its quota (${error.status})`;
    default:
      return `Vault answered ${error.status}`;
  }
}
