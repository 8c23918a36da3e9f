import type { KubernetesPart } from '../../connectors/targets/kubernetes/read-pod.ts';
import { kubernetesReader } from '../../connectors/targets/kubernetes/reader.ts';
import type { Fact, FactKind, FactOf } from '../../domain/evidence/fact.ts';
import { type EvidenceDraft, type EvidencePart, evidencePartSchema } from '../../domain/evidence/pack.ts';
import { gatherOutputSchema } from '../../domain/orchestration.ts';
import { type GatherKubernetesDeps, gatherKubernetes } from '../../functions/gather-kubernetes/gather-kubernetes.ts';
import { sampleIncident } from '../fakes/planning.ts';
import { memoryAuditLog, memoryBlobStore, memoryIncidentStore } from '../fakes/stores.ts';
import { recordingTelemetry } from '../fakes/telemetry.ts';
import { startCluster, type TestCluster } from './kubernetes-cluster.ts';

export const INCIDENT = 'inc-0123456789abcdef0123';
export const POD = 'checkout-6d9f7c5b8d-x2x9q';

/** gather-kubernetes against the crypto-miner cluster, over real TLS, with stores in memory. */
export interface Gathering {
  readonly cluster: TestCluster;
  readonly stores: {
    readonly incidents: ReturnType<typeof memoryIncidentStore>;
    readonly blobs: ReturnType<typeof memoryBlobStore>;
    readonly audit: ReturnType<typeof memoryAuditLog>;
  };
  gather(part: KubernetesPart, change?: Partial<GatherKubernetesDeps>): Promise<Gathered>;
  /** Replaces fields of the sample pod, as somebody in the cluster would. */
  editPod(edit: Record<string, unknown>): void;
}

export interface Gathered {
  readonly output: ReturnType<typeof gatherOutputSchema.parse>;
  readonly body: string;
  readonly gathered: EvidencePart;
}

export async function startGathering(): Promise<Gathering> {
  const cluster = await startCluster();
  const stores = { incidents: memoryIncidentStore(), blobs: memoryBlobStore(), audit: memoryAuditLog() };
  stores.incidents.seed(sampleIncident({ confirmed: false }));
  return {
    cluster,
    stores,
    async gather(part, change = {}) {
      const deps: GatherKubernetesDeps = {
        clusters: [cluster.configuration],
        account: () => undefined,
        ...stores,
        reader: (configuration, meter) => kubernetesReader(configuration, cluster.deps({ meter })),
        telemetry: recordingTelemetry(),
        now: () => new Date('2025-10-14T09:18:30.000Z'),
        ...change,
      };
      const output = gatherOutputSchema.parse(await gatherKubernetes(deps, { incidentId: INCIDENT, part }));
      const body = await stores.blobs.get(output.key);
      return { output, body, gathered: evidencePartSchema.parse(JSON.parse(body)) };
    },
    editPod(edit) {
      cluster.sandbox.change((store) => {
        const pod = store.get('pods', 'payments', POD);
        if (pod) store.put('pods', { ...pod, ...edit });
      });
    },
  };
}

const isKind =
  <K extends FactKind>(kind: K) =>
  (fact: Fact): fact is FactOf<K> =>
    fact.kind === kind;

export function factsOf<K extends FactKind>({ drafts }: EvidencePart, kind: K): FactOf<K>[] {
  return drafts.map(({ fact }) => fact).filter(isKind(kind));
}

export function draftOf({ drafts }: EvidencePart, kind: FactKind): EvidenceDraft | undefined {
  return drafts.find(({ fact }) => fact.kind === kind);
}
