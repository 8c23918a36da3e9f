import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { authorizationOf } from '../../../connectors/aws/signature.ts';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';

export interface VaultScenario {
  readonly namespace?: string;
  readonly authMount: string;
  readonly kvMount: string;
  /** `iam_server_id_header_value` of the auth mount. */
  readonly serverId: string;
  readonly region: string;
  /** Who AWS knows: access key to secret and principal. */
  readonly principals: Readonly<Record<string, { readonly secretAccessKey: string; readonly arn: string }>>;
  readonly roles: Readonly<
    Record<string, { readonly boundArn: string; readonly reads: readonly string[]; readonly ttlSeconds: number }>
  >;
  /** Path below the KV mount to the value. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface VaultSandbox extends SandboxSystem {
  seal(): void;
  unseal(): void;
  revokeTokens(): void;
  put(path: string, value: Readonly<Record<string, unknown>>): void;
  readonly logins: readonly { readonly role: string; readonly arn: string }[];
}

const loginSchema = z.strictObject({
  role: z.string(),
  iam_http_request_method: z.literal('POST'),
  iam_request_url: z.base64(),
  iam_request_body: z.base64(),
  iam_request_headers: z.base64(),
});
const headersSchema = z.record(z.string(), z.string());
/** Clocks may differ by this before AWS refuses a signature. */
const SKEW_MS = 5 * 60_000;

/**
 * A Vault with one AWS auth mount and one KV version 2 mount. It checks what the real one and AWS behind it check: the
 * signature, its age, the signed server id, the bound principal, the token, its lease, the policy, the namespace.
 */
export function vaultSandbox(scenario: VaultScenario, now: () => number = Date.now): VaultSandbox {
  const secrets = new Map(Object.entries(scenario.secrets));
  const tokens = new Map<string, { readonly role: string; readonly until: number }>();
  const logins: { role: string; arn: string }[] = [];
  let sealed = false;

  function logIn(call: SandboxCall): SandboxReply {
    const given = loginSchema.safeParse(parse(call.body));
    if (!given.success) return refused(400, 'missing or malformed login field');
    const role = scenario.roles[given.data.role];
    if (role === undefined) return refused(400, `entry for role ${given.data.role} not found`);
    const arn = callerOf(given.data);
    if (typeof arn !== 'string') return refused(400, arn.why);
    if (arn !== role.boundArn) return refused(400, `IAM Principal "${arn}" does not belong to the role`);
    const token = `hvs.${randomUUID()}`;
    tokens.set(token, { role: given.data.role, until: now() + role.ttlSeconds * 1000 });
    logins.push({ role: given.data.role, arn });
    return json(200, { auth: { client_token: token, lease_duration: role.ttlSeconds, renewable: true, policies: [] } });
  }

  function callerOf(login: z.infer<typeof loginSchema>): string | { readonly why: string } {
    const url = decoded(login.iam_request_url);
    const body = decoded(login.iam_request_body);
    const parsed = headersSchema.safeParse(parse(decoded(login.iam_request_headers)));
    if (!parsed.success) return { why: 'iam_request_headers is no JSON object' };
    if (url !== `https://sts.${scenario.region}.amazonaws.com/`) return { why: 'not the STS endpoint of this mount' };
    if (body !== 'Action=GetCallerIdentity&Version=2011-06-15') return { why: 'not a GetCallerIdentity request' };
    return verified(parsed.data, body);
  }

  function verified(sent: Readonly<Record<string, string>>, body: string): string | { readonly why: string } {
    const { Authorization: authorization = '', ...rest } = sent;
    const match =
      /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/(\d{8}\/[^/]+\/sts\/aws4_request), SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/.exec(
        authorization,
      );
    const [, keyId = '', , signedNames = ''] = match ?? [];
    const principal = scenario.principals[keyId];
    if (match === null || principal === undefined) return { why: 'the security token is invalid' };
    const lower = new Map(Object.entries(rest).map(([name, value]) => [name.toLowerCase(), value]));
    if (lower.get('x-vault-aws-iam-server-id') !== scenario.serverId) return { why: 'wrong server id header' };
    if (!signedNames.split(';').includes('x-vault-aws-iam-server-id')) return { why: 'the server id is not signed' };
    const time = lower.get('x-amz-date') ?? '';
    const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    if (Number.isNaN(at) || Math.abs(at - now()) > SKEW_MS) return { why: 'signature expired' };
    const expected = authorizationOf({
      credentials: { accessKeyId: keyId, secretAccessKey: principal.secretAccessKey },
      region: scenario.region,
      service: 'sts',
      method: 'POST',
      path: '/',
      headers: { ...rest, 'X-Amz-Date': time },
      body,
    });
    return expected === authorization ? principal.arn : { why: 'the signature does not match' };
  }

  function read(call: SandboxCall, path: string): SandboxReply {
    const token = tokens.get(call.headers['x-vault-token'] ?? '');
    const role = token === undefined ? undefined : scenario.roles[token.role];
    if (token === undefined || role === undefined || now() >= token.until) return refused(403, 'permission denied');
    if (!role.reads.includes(path)) return refused(403, 'permission denied');
    const value = secrets.get(path);
    if (value === undefined) return json(404, { errors: [] });
    return json(200, {
      request_id: randomUUID(),
      data: { data: value, metadata: { version: 1, destroyed: false, deletion_time: '' } },
    });
  }

  return {
    logins,
    seal: () => {
      sealed = true;
    },
    unseal: () => {
      sealed = false;
    },
    revokeTokens: () => tokens.clear(),
    put: (path, value) => void secrets.set(path, value),
    view: () => ({ sealed, logins, secrets: [...secrets.keys()] }),
    handle(call) {
      if (sealed) return refused(503, 'Vault is sealed');
      if ((call.headers['x-vault-namespace'] ?? '') !== (scenario.namespace ?? '')) {
        return refused(404, 'no handler for route; check the namespace');
      }
      if (call.path === `/v1/auth/${scenario.authMount}/login`) {
        return call.method === 'POST' ? logIn(call) : refused(405, 'unsupported operation');
      }
      const data = `/v1/${scenario.kvMount}/data/`;
      if (!call.path.startsWith(data)) return refused(404, `no handler for route "${call.path}"`);
      if (call.method !== 'GET') return refused(405, 'unsupported operation');
      return read(call, decodeURIComponent(call.path.slice(data.length)));
    },
  };
}

function refused(status: number, error: string): SandboxReply {
  return json(status, { errors: [error] });
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
