import { type ComputeClient, computeClient } from '../../connectors/cwpp/prisma-cloud-compute/client.ts';
import type { ReadLimits } from '../../connectors/cwpp/prisma-cloud-compute/reader.ts';
import { DEFAULT_LIMITS, realHttp } from '../../connectors/http/request.ts';
import type { ComputeSourceConfiguration } from '../../domain/config/schema.ts';
import { type ComputeSandbox, computeSandbox } from '../../local/sandbox/compute/compute.ts';
import { computeScenario } from '../../local/sandbox/compute/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';

const SECRET = 'parapet/compute-read';

/** A console of the sample story on loopback, with a client that waits for nothing but the server. */
export interface Console {
  readonly sandbox: ComputeSandbox;
  readonly server: SandboxServer;
  readonly secrets: MemorySecrets;
  readonly waited: number[];
  configuration(forensics: boolean): ComputeSourceConfiguration;
  client(options?: {
    readonly forensics?: boolean;
    readonly limits?: Partial<ReadLimits>;
    readonly now?: () => number;
    readonly fetch?: typeof fetch;
  }): ComputeClient;
  /** Calls the console received, as `METHOD path`. */
  received(): string[];
  close(): Promise<void>;
}

export async function startConsole(): Promise<Console> {
  const scenario = computeScenario();
  const sandbox = computeSandbox(scenario);
  const server = await serve({ systems: { compute: sandbox }, mount: 'prefix' });
  const secrets = memorySecrets({ [SECRET]: scenario.credentials });
  const waited: number[] = [];
  const http = { ...realHttp, sleep: async (ms: number) => void waited.push(ms), random: () => 0.5 };
  const configuration = (forensics: boolean): ComputeSourceConfiguration => ({
    webhook: {
      secret: 'parapet/compute-webhook',
      allowedNetworks: ['203.0.113.0/24'],
      bodyLimitBytes: 1_048_576,
      ratePerSecond: 200,
      burst: 400,
    },
    api: { baseUrl: `${server.url}/compute`, version: 'v34.04', readSecret: SECRET, forensics },
  });
  return {
    sandbox,
    server,
    secrets,
    waited,
    configuration,
    client: ({ forensics = true, limits = {}, now = Date.now, fetch = http.fetch } = {}) =>
      computeClient({
        http: { ...http, fetch },
        secrets,
        config: configuration(forensics),
        limits: { http: { ...DEFAULT_LIMITS, timeoutMs: 2_000 }, ...limits },
        now,
      }),
    received: () => server.calls.map(({ method, path }) => `${method} ${path}`),
    close: () => server.close(),
  };
}

export const CONTAINER_ID = '9c'.repeat(32);
export const IMAGE_ID = `sha256:${'3f'.repeat(32)}`;
export const PROFILE_ID = `${IMAGE_ID}_payments_prod-eks`;
export const INCIDENT_ID = '68ee2c16b2a8e98a1c36a9db';
export const AROUND = { from: '2025-10-14T09:00:00.000Z', to: '2025-10-14T10:00:00.000Z' };
