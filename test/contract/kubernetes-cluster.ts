import { setTimeout as sleep } from 'node:timers/promises';
import { SecretError, type Secrets } from '../../connectors/secrets/secrets.ts';
import type { KubernetesAction } from '../../connectors/targets/catalogue.ts';
import type { KubernetesReader, KubernetesWriter } from '../../connectors/targets/kubernetes/api.ts';
import { KUBERNETES_LIMITS, type KubernetesDeps } from '../../connectors/targets/kubernetes/client.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import { kubernetesWriter } from '../../connectors/targets/kubernetes/writer.ts';
import type { PreparedOn } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import { type ClusterConfiguration, configurationSchema } from '../../domain/config/schema.ts';
import {
  type KubernetesSandbox,
  type KubernetesSandboxOptions,
  kubernetesSandbox,
} from '../../local/sandbox/kubernetes/sandbox.ts';
import { kubernetesScenario } from '../../local/sandbox/kubernetes/scenario.ts';
import { type SandboxCertificates, sandboxCertificates } from '../../local/sandbox/kubernetes/tls.ts';
import { type SandboxServer, serve } from '../../local/sandbox/serve.ts';
import type { SandboxSystem } from '../../local/sandbox/system.ts';

export const READ_TOKEN = 'read-token-of-the-sandbox';
export const WRITE_TOKEN = 'write-token-of-the-sandbox';
export const POD_UID = '5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b';
export const BINDING_UID = '7a2b3c4d-1111-4222-8333-944455566677';

/** The crypto-miner cluster behind real TLS, and clients for it. */
export interface TestCluster {
  readonly sandbox: KubernetesSandbox;
  readonly server: SandboxServer;
  readonly certificates: SandboxCertificates;
  readonly configuration: ClusterConfiguration;
  readonly read: KubernetesReader;
  readonly write: KubernetesWriter;
  /** How often each secret was read, and whether freshly. */
  readonly secretReads: { readonly name: string; readonly fresh: boolean }[];
  readonly waits: number[];
  deps(change?: Partial<KubernetesDeps>): KubernetesDeps;
  close(): Promise<void>;
}

let certificates: Promise<SandboxCertificates> | undefined;

export async function startCluster(
  options: Pick<KubernetesSandboxOptions, 'mayBind' | 'rules'> & { readonly answersAfterMs?: number } = {},
): Promise<TestCluster> {
  certificates ??= sandboxCertificates();
  const made = await certificates;
  const sandbox = kubernetesSandbox(kubernetesScenario(), {
    readToken: READ_TOKEN,
    writeToken: WRITE_TOKEN,
    ...options,
  });
  const { answersAfterMs } = options;
  const late: SandboxSystem = {
    view: () => sandbox.view(),
    handle: async (call) => {
      await sleep(answersAfterMs);
      return await sandbox.handle(call);
    },
  };
  const kubernetes = answersAfterMs === undefined ? sandbox : late;
  const server = await serve({ systems: { kubernetes }, mount: 'root', tls: made.server });
  const configuration = clusterAt(server.url);
  const secretReads: { name: string; fresh: boolean }[] = [];
  const waits: number[] = [];
  const secrets = secretsOf(
    {
      'sandbox/read': { token: READ_TOKEN, caPem: made.caPem },
      'sandbox/write': { token: WRITE_TOKEN, caPem: made.caPem },
    },
    secretReads,
  );
  const deps = (change: Partial<KubernetesDeps> = {}): KubernetesDeps => ({
    secrets,
    now: () => new Date('2025-10-14T09:20:00.000Z'),
    sleep: async (ms) => {
      waits.push(ms);
    },
    random: () => 0.5,
    limits: { ...KUBERNETES_LIMITS, timeoutMs: 5_000 },
    ...change,
  });
  return {
    sandbox,
    server,
    certificates: made,
    configuration,
    read: kubernetesReader(configuration, deps()),
    write: kubernetesWriter(configuration, deps()),
    secretReads,
    waits,
    deps,
    close: () => server.close(),
  };
}

export function clusterAt(server: string, change: Partial<ClusterConfiguration> = {}): ClusterConfiguration {
  const [cluster] = configurationSchema.parse({
    deployment: {},
    sources: {},
    clusters: [{ name: 'prod-eks', server, readSecret: 'sandbox/read', writeSecret: 'sandbox/write' }],
  }).clusters;
  if (cluster === undefined) throw new Error('the configuration lost its cluster');
  return { ...cluster, ...change };
}

export function secretsOf(
  values: Readonly<Record<string, unknown>>,
  reads: { name: string; fresh: boolean }[] = [],
): Secrets {
  return {
    async get(name, schema, readOptions) {
      reads.push({ name, fresh: readOptions?.fresh ?? false });
      const parsed = schema.safeParse(values[name]);
      if (!parsed.success) throw new SecretError(`secret ${name} lacks or has malformed fields`);
      return parsed.data;
    },
  };
}

export const POD_TARGET: KubernetesTarget = {
  system: 'kubernetes',
  entityId: 'N1',
  entity: {
    kind: 'pod',
    canonical: 'prod-eks/payments/checkout-6d9f7c5b8d-x2x9q',
    label: 'payments/checkout-6d9f7c5b8d-x2x9q',
  },
  cluster: 'prod-eks',
  namespace: 'payments',
  kind: 'Pod',
  name: 'checkout-6d9f7c5b8d-x2x9q',
  uid: POD_UID,
};

export const BINDING_TARGET: KubernetesTarget = {
  system: 'kubernetes',
  entityId: 'N2',
  entity: {
    kind: 'role-binding',
    canonical: 'prod-eks/ClusterRoleBinding/checkout-cluster-admin',
    label: 'ClusterRoleBinding checkout-cluster-admin',
  },
  cluster: 'prod-eks',
  kind: 'ClusterRoleBinding',
  name: 'checkout-cluster-admin',
  uid: BINDING_UID,
};

export const SUBJECT = 'ServiceAccount/payments/checkout';
export const INCIDENT_ID = 'inc-0123456789abcdef0123';

/** Prepares, or fails the test with the reason why not. */
export async function prepared(
  action: KubernetesAction,
  read: KubernetesReader,
  target: KubernetesTarget,
  parameters: Readonly<Record<string, string>> = {},
): Promise<PreparedOn<KubernetesTarget>> {
  const preparation = await action.prepare(read, { incidentId: INCIDENT_ID, actionId: 'A1', target, parameters });
  if (!preparation.ok) throw new Error(`not prepared: ${preparation.code}: ${preparation.reason}`);
  return { ...preparation.prepared, target };
}

export function statusFault(
  status: number,
  message: string,
  rule: { method?: string; path?: string; times?: number } = {},
) {
  return {
    system: 'kubernetes',
    ...rule,
    reply: {
      status,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'Status', status: 'Failure', message, code: status }),
    },
  };
}
