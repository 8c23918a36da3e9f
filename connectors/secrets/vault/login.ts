import type { VaultConfiguration } from '../../../domain/config/secrets.ts';
import type { AwsCredentials } from '../../aws/signature.ts';
import { type HttpDeps, type HttpLimits, request } from '../../http/request.ts';
import { SecretError } from '../secrets.ts';
import { signedIdentityRequest } from './identity.ts';
import { loginAnswerSchema } from './schema.ts';

export interface LoginDeps {
  readonly http: HttpDeps;
  readonly limits: HttpLimits;
  readonly settings: VaultConfiguration;
  /** Role of Vault's AWS auth method. */
  readonly role: string;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly region: () => Promise<string>;
  readonly now: () => Date;
}

export interface VaultTokens {
  /**
   * The token in use, or a new one. @param refused the token Vault did not accept; callers refused with the same one log
   * in once for all of them. @throws SecretError, RefusedError, UnreachableError
   */
  get(refused?: string): Promise<string>;
}

/** A token is used for this part of its lease: it must not end on the way. */
const USED_PART = 0.8;

/**
 * Tokens by AWS IAM login, kept in memory only. A lease that ends is followed by a new log-in instead of a renewal: it
 * is one call as well, and a renewal ends at the role's `token_max_ttl`.
 */
export function vaultTokens(deps: LoginDeps): VaultTokens {
  let held: { readonly token: string; readonly until: number } | undefined;
  let pending: Promise<NonNullable<typeof held>> | undefined;
  return {
    async get(refused) {
      if (held && held.token !== refused && deps.now().getTime() < held.until) return held.token;
      pending ??= logIn(deps).finally(() => {
        pending = undefined;
      });
      held = await pending;
      return held.token;
    },
  };
}

async function logIn(deps: LoginDeps): Promise<{ token: string; until: number }> {
  const { http, settings, role, now, limits } = deps;
  const started = now();
  const [credentials, region] = await Promise.all([deps.credentials(), deps.region()]);
  const signed = signedIdentityRequest({
    credentials,
    region: settings.stsRegion ?? region,
    serverId: settings.serverId ?? new URL(settings.address).hostname,
    now: started,
  });
  const answer = await request(
    http,
    {
      method: 'POST',
      url: vaultUrl(settings, `auth/${settings.authMount}/login`),
      headers: { ...vaultHeaders(settings), 'content-type': 'application/json' },
      body: JSON.stringify({
        role,
        iam_http_request_method: signed.method,
        iam_request_url: base64(signed.url),
        iam_request_body: base64(signed.body),
        iam_request_headers: base64(JSON.stringify(signed.headers)),
      }),
    },
    limits,
  );
  const { client_token: token, lease_duration: seconds } = parseAnswer(
    answer.text,
    loginAnswerSchema,
    `the log-in to Vault as role ${role}`,
  ).auth;
  return { token, until: started.getTime() + seconds * 1000 * USED_PART };
}

export function vaultUrl({ address }: VaultConfiguration, path: string): string {
  return `${address.replace(/\/+$/, '')}/v1/${path}`;
}

export function vaultHeaders({ namespace }: VaultConfiguration): Record<string, string> {
  // Vault's agents and proxies refuse a call without this header, so that a browser cannot be made to send one.
  return { 'x-vault-request': 'true', ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }) };
}

/** Not `jsonOf`: its error quotes the answer, and this answer may hold a secret. @throws SecretError */
export function parseAnswer<T>(
  text: string,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  what: string,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretError(`${what} was answered with something that is not JSON`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SecretError(`${what} was answered in a form we do not know`);
  return parsed.data;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
