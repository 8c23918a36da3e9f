import { type PrismaCloudClient, prismaCloudClient } from '../../connectors/cwpp/prisma-cloud/client.ts';
import type { ReadLimits } from '../../connectors/cwpp/prisma-cloud-compute/reader.ts';
import { DEFAULT_LIMITS, realHttp } from '../../connectors/http/request.ts';
import type { PrismaCloudSourceConfiguration } from '../../domain/config/schema.ts';
import { type PrismaCloudSandbox, prismaCloudSandbox } from '../../local/sandbox/prisma-cloud/prisma-cloud.ts';
import { prismaCloudScenario } from '../../local/sandbox/prisma-cloud/scenario.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';

export const READ_SECRET = 'parapet/prisma-cloud/read';
export const INSTANCE = 'i-0b7c1d2e3f4a5b6c7';
export const ACCOUNT = '111122223333';
export const ASSET_ID = '4f6c2b1e9a7d4c3fb0a1d2e3f4a5b6c7';
export const RRN = `rrn:aws:instance:us-east-1:${ACCOUNT}:e5a1c0ffee00:${INSTANCE}`;
export const INSTANCE_ARN = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/${INSTANCE}`;

/** The tenant of the exposed host on loopback, with a client that waits for nothing but the server. */
export interface Tenant {
  readonly sandbox: PrismaCloudSandbox;
  readonly server: SandboxServer;
  readonly secrets: MemorySecrets;
  readonly waited: number[];
  readonly configuration: PrismaCloudSourceConfiguration;
  client(options?: {
    readonly limits?: Partial<ReadLimits>;
    readonly now?: () => number;
    readonly fetch?: typeof fetch;
  }): PrismaCloudClient;
  /** Calls the tenant received, as `METHOD path`. */
  received(): string[];
  close(): Promise<void>;
}

export async function startTenant(): Promise<Tenant> {
  const scenario = prismaCloudScenario(
    new URL('../../local/sandbox/scenarios/exposed-host/prisma-cloud/', import.meta.url),
  );
  const sandbox = prismaCloudSandbox(scenario);
  const server = await serve({ systems: { 'prisma-cloud': sandbox }, mount: 'prefix' });
  const secrets = memorySecrets({ [READ_SECRET]: scenario.credentials });
  const waited: number[] = [];
  const http = { ...realHttp, sleep: async (ms: number) => void waited.push(ms), random: () => 0.5 };
  const configuration: PrismaCloudSourceConfiguration = {
    webhook: {
      secret: 'parapet/prisma-cloud/webhook',
      allowedNetworks: ['203.0.113.0/24'],
      bodyLimitBytes: 1_048_576,
      ratePerSecond: 200,
      burst: 400,
    },
    api: { baseUrl: `${server.url}/prisma-cloud`, readSecret: READ_SECRET },
  };
  return {
    sandbox,
    server,
    secrets,
    waited,
    configuration,
    client: ({ limits = {}, now = Date.now, fetch = http.fetch } = {}) =>
      prismaCloudClient({
        http: { ...http, fetch },
        secrets,
        config: configuration,
        limits: { http: { ...DEFAULT_LIMITS, timeoutMs: 2_000 }, ...limits },
        now,
      }),
    received: () => server.calls.map(({ method, path }) => `${method} ${path}`),
    close: () => server.close(),
  };
}
