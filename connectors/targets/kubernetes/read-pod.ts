import type { EvidenceDraft, EvidencePartName } from '../../../domain/evidence/pack.ts';
import { TargetError } from '../errors.ts';
import type { KubernetesReader, OwnerChain } from './api.ts';
import { namespaceEntity, podEntity } from './entities.ts';
import { accountOf, identityEvidence, type Reading, workloadEvidence } from './evidence.ts';
import { revisionEvidence } from './revisions.ts';
import type { Pod, RoleRules } from './schema.ts';

export interface PodName {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

export const KUBERNETES_PARTS = [
  'workload',
  'identity',
  'recent-deployments',
] as const satisfies readonly EvidencePartName[];
export type KubernetesPart = (typeof KUBERNETES_PARTS)[number];

/**
 * What one part says about one pod. Each thing that cannot be read becomes a gap of its own beside what could be (rule 9);
 * that the pod is gone is one, too.
 */
export async function readPod(
  read: KubernetesReader,
  at: Reading,
  part: KubernetesPart,
  name: PodName,
): Promise<EvidenceDraft[]> {
  const gaps: EvidenceDraft[] = [];
  const attempt = async <T>(missing: string, reading: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await reading();
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      gaps.push(gapDraft(at, name, missing, error.message));
      return undefined;
    }
  };
  const pod = await attempt(`pod ${name.namespace}/${name.name}`, async () => {
    const found = await read.getPod(name.namespace, name.name);
    if (found === undefined)
      gaps.push(gapDraft(at, name, `pod ${name.namespace}/${name.name}`, 'it no longer exists in the cluster'));
    return found;
  });
  if (pod === undefined) return gaps;
  return [...(await readPart(read, at, part, name, pod, attempt)), ...gaps];
}

type Attempt = <T>(missing: string, reading: () => Promise<T>) => Promise<T | undefined>;

async function readPart(
  read: KubernetesReader,
  at: Reading,
  part: KubernetesPart,
  { namespace }: PodName,
  pod: Pod,
  attempt: Attempt,
): Promise<EvidenceDraft[]> {
  switch (part) {
    case 'workload': {
      const { nodeName } = pod.spec;
      const [owners, services, node] = await Promise.all([
        attempt(`controller of pod ${pod.metadata.name}`, () =>
          read.getOwnerChain(namespace, pod.metadata.ownerReferences),
        ),
        attempt(`Services of namespace ${namespace}`, () => read.getServices(namespace)),
        // A pod that waits for a node has none. One that is gone is no gap: its pods go with it.
        nodeName === undefined ? undefined : attempt(`node ${nodeName}`, () => read.getNode(nodeName)),
      ]);
      return workloadEvidence(at, { pod, owners: owners ?? { controllers: [] }, services: services ?? [], node });
    }
    case 'identity':
      return await readIdentity(read, at, pod, attempt);
    case 'recent-deployments':
      return await readRevisions(read, at, namespace, pod, attempt);
  }
}

async function readIdentity(read: KubernetesReader, at: Reading, pod: Pod, attempt: Attempt): Promise<EvidenceDraft[]> {
  const { namespace, name } = accountOf(pod);
  const [account, bindings] = await Promise.all([
    attempt(`ServiceAccount ${namespace}/${name}`, () => read.getServiceAccount(namespace, name)),
    attempt(`role bindings of ServiceAccount ${namespace}/${name}`, () => read.getBindingsOf({ namespace, name })),
  ]);
  const roles = new Map<string, Promise<RoleRules | undefined>>();
  const withRules = (bindings ?? []).map(async (binding) => {
    const { kind, name: role } = binding.roleRef;
    const within = kind === 'Role' ? binding.metadata.namespace : undefined;
    const key = `${kind}/${within ?? ''}/${role}`;
    const rules = roles.get(key) ?? attempt(`rules of ${kind} ${role}`, () => read.getRoleRules(kind, within, role));
    roles.set(key, rules);
    return { binding, rules: await rules };
  });
  return identityEvidence(at, { pod, account, bindings: await Promise.all(withRules) });
}

/** Only a Deployment keeps its revisions as objects that this reads; others are a gap with that reason. */
async function readRevisions(
  read: KubernetesReader,
  at: Reading,
  namespace: string,
  pod: Pod,
  attempt: Attempt,
): Promise<EvidenceDraft[]> {
  const missing = `recent deployments of pod ${namespace}/${pod.metadata.name}`;
  const owners = await attempt(missing, () => read.getOwnerChain(namespace, pod.metadata.ownerReferences));
  if (owners === undefined) return [];
  const deployment = owners.controllers.find(({ kind }) => kind === 'Deployment');
  const within = { cluster: at.cluster, namespace, name: pod.metadata.name };
  if (deployment === undefined) return [gapDraft(at, within, missing, whyNoDeployment(owners))];
  const replicaSets = await attempt(missing, () => read.getReplicaSets(namespace, deployment.metadata.uid));
  return replicaSets === undefined ? [] : revisionEvidence(at, { pod, deployment, replicaSets });
}

function whyNoDeployment({ controllers, unresolved }: OwnerChain): string {
  if (unresolved) return `its owner ${unresolved.kind} ${unresolved.name} could not be read: ${unresolved.reason}`;
  const top = controllers.at(-1);
  return top === undefined
    ? 'the pod has no controller'
    : `its controller is ${top.kind} ${top.metadata.name}, whose revisions are not read`;
}

export function gapDraft(at: Reading, { namespace, name }: PodName, missing: string, reason: string): EvidenceDraft {
  return {
    source: 'kubernetes_api',
    field: `namespaces/${namespace}/pods/${name}`,
    trust: 'own',
    observedAt: at.observedAt,
    fact: { kind: 'gap', missing, reason },
    entities: [podEntity(at.cluster, namespace, name), namespaceEntity(at.cluster, namespace)],
  };
}
