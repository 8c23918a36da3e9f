import { type WizClient, wizClient } from '../../connectors/cwpp/wiz/client.ts';
import { DEFAULT_READ_LIMITS, type ReadLimits } from '../../connectors/cwpp/wiz/limits.ts';
import { type Tokens, wizTokens } from '../../connectors/cwpp/wiz/token.ts';
import { realHttp } from '../../connectors/http/request.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type WizScenario, wizScenario } from '../../local/sandbox/wiz/scenario.ts';
import type { Tenant } from '../../local/sandbox/wiz/validate.ts';
import { type WizSandbox, wizSandbox } from '../../local/sandbox/wiz/wiz.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';

const SECRET = 'parapet/wiz/read';
export const SCENARIO = new URL('../../local/sandbox/scenarios/container-escape/wiz/', import.meta.url);

/** A tenant of the sample story on loopback, with a client that waits for nothing but the server. */
export interface WizTenant {
  readonly sandbox: WizSandbox;
  readonly server: SandboxServer;
  readonly secrets: MemorySecrets;
  readonly waited: number[];
  readonly tokens: Tokens;
  client(options?: { readonly limits?: Partial<ReadLimits>; readonly audience?: string }): WizClient;
  /** Names of the operations received, in order. */
  operations(): string[];
  close(): Promise<void>;
}

export async function startTenant(
  options: { readonly tenant?: Tenant; readonly change?: (scenario: WizScenario) => WizScenario } = {},
): Promise<WizTenant> {
  const scenario = (options.change ?? ((same) => same))(wizScenario(SCENARIO));
  const sandbox = wizSandbox(scenario, options.tenant ?? 'newest');
  const server = await serve({ systems: { wiz: sandbox }, mount: 'prefix' });
  const secrets = memorySecrets({ [SECRET]: scenario.credentials });
  const waited: number[] = [];
  const http = { ...realHttp, sleep: async (ms: number) => void waited.push(ms), random: () => 0.5 };
  const api = (audience = 'wiz-api') => ({
    endpoint: `${server.url}/wiz/graphql`,
    tokenUrl: `${server.url}/wiz/oauth/token`,
    audience,
    readSecret: SECRET,
  });
  const limits = { ...DEFAULT_READ_LIMITS.http, timeoutMs: 2_000 };
  const tokens = wizTokens({ http, secrets, api: api(), limits, now: Date.now });
  return {
    sandbox,
    server,
    secrets,
    waited,
    tokens,
    client: ({ limits: changed = {}, audience } = {}) =>
      wizClient({
        http,
        secrets,
        api: api(audience),
        limits: { http: limits, ...changed },
        ...(audience === undefined ? { tokens } : {}),
      }),
    operations: () =>
      server.calls.flatMap(({ path, body }) =>
        path === '/graphql' ? [String(/"operationName":"(\w+)"/.exec(body)?.[1])] : [],
      ),
    close: () => server.close(),
  };
}

export const ISSUE_ID = '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0001';
export const POSTURE_ISSUE_ID = '8f2d6c1a-5b7e-5c41-9d30-7a1e4b5c0002';
export const DETECTION_ID = 'c41a9e07-2f66-5d18-8b7a-3e9d5f6a0001';
export const EVENT_ID = 'e7b3d5f1-6a28-5c94-a1d0-9b8c7d6e0001';
export const CONTAINER_ID = 'a90f3b52-7c1d-5e86-94ab-2d4f6b8c0001';
