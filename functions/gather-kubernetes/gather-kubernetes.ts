import * as z from 'zod';
import { keepPart } from '../../connectors/evidence/keep-part.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { type AuditLog, type BlobStore, type IncidentStore, NotFoundError } from '../../connectors/store/ports.ts';
import type { AwsReader } from '../../connectors/targets/aws/api.ts';
import { iamUserIn, readUserKeys } from '../../connectors/targets/aws/user-keys.ts';
import type { KubernetesReader } from '../../connectors/targets/kubernetes/api.ts';
import type { Meter } from '../../connectors/targets/kubernetes/client.ts';
import {
  gapDraft,
  KUBERNETES_PARTS,
  type KubernetesPart,
  type PodName,
  readPod,
} from '../../connectors/targets/kubernetes/read-pod.ts';
import type { ClusterConfiguration } from '../../domain/config/schema.ts';
import type { EvidenceDraft, EvidencePart } from '../../domain/evidence/pack.ts';
import { gatherInputSchema, type gatherOutputSchema } from '../../domain/orchestration.ts';
import { MOST_PODS, podsOf } from './pods.ts';

export interface GatherKubernetesDeps {
  readonly clusters: readonly ClusterConfiguration[];
  readonly incidents: Pick<IncidentStore, 'get' | 'findings'>;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  /** A reader for one invocation; it counts what it costs into `meter`. */
  readonly reader: (cluster: ClusterConfiguration, meter: Meter) => KubernetesReader;
  /** Of an AWS account; undefined where it is not configured. */
  readonly account: (id: string) => AwsReader | undefined;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

const inputSchema = gatherInputSchema.extend({ part: z.enum(KUBERNETES_PARTS) });

/**
 * Reads what the cluster itself says about the pods of an incident, and what IAM says of the keys of a user an alert is about: the
 * identity of the incident is one part, wherever it lives (docs/decisions/0020). Whatever cannot be read is a named gap (rule 9); only
 * our own stores may fail this.
 * @throws NotFoundError (the incident is not there), z.ZodError, and what the stores throw
 */
export async function gatherKubernetes(
  deps: GatherKubernetesDeps,
  event: unknown,
): Promise<z.infer<typeof gatherOutputSchema>> {
  const { incidentId, part } = inputSchema.parse(event);
  const started = deps.now();
  const incident = await deps.incidents.get(incidentId);
  if (incident === undefined) throw new NotFoundError(`there is no incident ${incidentId}`);
  const findings = await deps.incidents.findings(incidentId);
  const pods = podsOf([incident.workload, ...findings.map(({ workload }) => workload)]);
  const meter: Meter = { calls: 0, bytes: 0 };
  const round = { meter, observedAt: started.toISOString() };
  const user = part === 'identity' ? iamUserIn(incident.workload) : undefined;
  const drafts =
    user === undefined
      ? await readAll(deps, part, pods, round)
      : await readUserKeys(deps.account(user.account), user, round.observedAt);
  const gathered: EvidencePart = {
    part,
    gatheredAt: started.toISOString(),
    drafts,
    cost: { ...meter, milliseconds: deps.now().getTime() - started.getTime() },
  };
  const gaps = gapsOf(drafts);
  if (gaps.length > 0) deps.telemetry.warn('evidence has gaps', { incidentId, part, gaps });
  return await keepPart(deps, { incidentId, by: 'gather-kubernetes', gathered, gaps, now: deps.now });
}

interface Round {
  readonly meter: Meter;
  readonly observedAt: string;
}

async function readAll(
  deps: GatherKubernetesDeps,
  part: KubernetesPart,
  pods: readonly PodName[],
  { meter, observedAt }: Round,
): Promise<EvidenceDraft[]> {
  if (pods.length === 0) return [workloadIsNoPod(observedAt)];
  const drafts: EvidenceDraft[] = [];
  for (const pod of pods.slice(0, MOST_PODS)) {
    const at = { cluster: pod.cluster, observedAt };
    const cluster = deps.clusters.find(({ name }) => name === pod.cluster);
    if (cluster === undefined)
      drafts.push(
        gapDraft(
          at,
          pod,
          `${part} of pod ${pod.namespace}/${pod.name}`,
          `cluster ${pod.cluster} is not in the configuration`,
        ),
      );
    else drafts.push(...(await readPod(deps.reader(cluster, meter), at, part, pod)));
  }
  for (const pod of pods.slice(MOST_PODS, MOST_PODS + 1))
    drafts.push(
      gapDraft(
        { cluster: pod.cluster, observedAt },
        pod,
        `${part} of ${pods.length - MOST_PODS} more pods`,
        `only the first ${MOST_PODS} pods of an incident are read`,
      ),
    );
  return drafts;
}

function workloadIsNoPod(observedAt: string): EvidenceDraft {
  return {
    source: 'kubernetes_api',
    field: 'workload',
    trust: 'own',
    observedAt,
    fact: {
      kind: 'gap',
      missing: 'what the cluster says about the workload',
      reason: 'the alert names no pod of a Kubernetes cluster',
    },
    entities: [],
  };
}

function gapsOf(drafts: readonly EvidenceDraft[]): string[] {
  return drafts.flatMap(({ fact }) => (fact.kind === 'gap' ? [`${fact.missing}: ${fact.reason}`] : []));
}
