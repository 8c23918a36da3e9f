import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { Binding, Controller, OwnerChain } from './api.ts';
import {
  accountEntity,
  bindingEntity,
  cloudRoleEntity,
  clusterEntity,
  digestOfImageId,
  imageEntity,
  namespaceEntity,
  nodeEntity,
  podEntity,
  serviceEntity,
  workloadEntity,
} from './entities.ts';
import { managerOf } from './gitops.ts';
import { isControlPlane } from './protected.ts';
import type { Container, Pod, RoleRules, Service, ServiceAccount } from './schema.ts';
import type { NodeObject } from './schema-workloads.ts';
import { serviceSelects } from './selector.ts';
import { type Account, givesRightsTo, isFullControl, subjectName } from './subjects.ts';
import { isoTime } from './times.ts';

/** Where and when something was read. */
export interface Reading {
  readonly cluster: string;
  readonly observedAt: string;
}

const ROLE_ARN = 'eks.amazonaws.com/role-arn';

/** Part `workload`: pod, its controllers, the security context of each container, the Services that lead to it, its node. */
export function workloadEvidence(
  at: Reading,
  found: {
    readonly pod: Pod;
    readonly owners: OwnerChain;
    readonly services: readonly Service[];
    readonly node?: NodeObject | undefined;
  },
): EvidenceDraft[] {
  const { pod, owners, services, node } = found;
  return [
    podDraft(at, pod),
    ...owners.controllers.map((controller) => controllerDraft(at, pod, controller)),
    ...(owners.unresolved ? [unresolvedOwner(at, pod, owners.unresolved)] : []),
    ...allContainers(pod).map((container) => securityContext(at, pod, container)),
    ...services
      .filter(({ spec }) => serviceSelects(spec.selector, pod.metadata.labels))
      .map((service) => serviceDraft(at, pod, service)),
    ...(node ? [nodeDraft(at, pod, node)] : []),
  ];
}

export function podRef(at: Reading, { metadata }: Pod) {
  return podEntity(at.cluster, metadata.namespace ?? 'default', metadata.name);
}

export function accountOf(pod: Pod): Account {
  return { namespace: pod.metadata.namespace ?? 'default', name: pod.spec.serviceAccountName || 'default' };
}

function draft(at: Reading, field: string, rest: Pick<EvidenceDraft, 'trust' | 'fact' | 'entities'>): EvidenceDraft {
  return { source: 'kubernetes_api', field, observedAt: at.observedAt, ...rest };
}

/** Whoever deploys the pod, or changes it later, chooses its labels; a pod without any is wholly the API server's word. */
function podDraft(at: Reading, pod: Pod): EvidenceDraft {
  const { metadata, spec, status } = pod;
  const namespace = metadata.namespace ?? 'default';
  const images = spec.containers.map(({ name, image }) => {
    const running = status?.containerStatuses.find((entry) => entry.name === name);
    return { container: name, image: image ?? running?.image ?? 'unknown', digest: digestOfImageId(running?.imageID) };
  });
  return draft(at, `GET pods/${metadata.name}`, {
    trust: Object.keys(metadata.labels).length > 0 ? 'attacker_influenced' : 'own',
    fact: {
      kind: 'pod',
      name: metadata.name,
      namespace,
      cluster: at.cluster,
      uid: metadata.uid,
      ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
      ...(status?.podIP === undefined ? {} : { ip: status.podIP }),
      ...(status?.phase === undefined ? {} : { phase: status.phase }),
      ...(isoTime(metadata.creationTimestamp) === undefined ? {} : { createdAt: isoTime(metadata.creationTimestamp) }),
      labels: metadata.labels,
      serviceAccount: accountOf(pod).name,
      images: images.map(({ digest, ...image }) => (digest === undefined ? image : { ...image, digest })),
    },
    entities: [
      podRef(at, pod),
      ...(spec.nodeName === undefined ? [] : [nodeEntity(spec.nodeName)]),
      namespaceEntity(at.cluster, namespace),
      clusterEntity(at.cluster),
      accountEntity(at.cluster, accountOf(pod)),
      ...images.map(({ image, digest }) => imageEntity(image, digest)),
    ],
  });
}

export function controllerRef(at: Reading, { kind, metadata }: Controller) {
  return workloadEntity(at.cluster, metadata.namespace ?? 'default', kind, metadata.name);
}

function controllerDraft(at: Reading, pod: Pod, controller: Controller): EvidenceDraft {
  const { metadata, spec, kind } = controller;
  const managedBy = managerOf(metadata);
  return draft(at, `GET ${kind}/${metadata.name}`, {
    trust: managedBy === undefined ? 'own' : 'attacker_influenced',
    fact: {
      kind: 'controller',
      controllerKind: kind,
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
      uid: metadata.uid,
      ...(spec.replicas === undefined ? {} : { replicas: spec.replicas }),
      ...(managedBy === undefined ? {} : { managedBy }),
    },
    entities: [controllerRef(at, controller), podRef(at, pod)],
  });
}

function unresolvedOwner(at: Reading, pod: Pod, owner: NonNullable<OwnerChain['unresolved']>): EvidenceDraft {
  return draft(at, `ownerReferences of pods/${pod.metadata.name}`, {
    trust: 'own',
    fact: {
      kind: 'gap',
      missing: `owner ${owner.kind} ${owner.name} of pod ${pod.metadata.name}`,
      reason: owner.reason,
    },
    entities: [podRef(at, pod)],
  });
}

function allContainers({ spec }: Pod): readonly Container[] {
  return [...spec.initContainers, ...spec.containers];
}

/** A container's own setting wins over the pod's. `unknown`: the image decides, and the API server does not know it. */
function runsAsRoot(pod: Pod, container: Container): 'yes' | 'no' | 'unknown' {
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (user !== undefined) return user === 0 ? 'yes' : 'no';
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  return nonRoot === true ? 'no' : 'unknown';
}

function securityContext(at: Reading, pod: Pod, container: Container): EvidenceDraft {
  const own = container.securityContext;
  const mounted = new Set(container.volumeMounts.map(({ name }) => name));
  return draft(at, `GET pods/${pod.metadata.name} securityContext of ${container.name}`, {
    trust: 'own',
    fact: {
      kind: 'security-context',
      container: container.name,
      privileged: own?.privileged === true,
      runsAsRoot: runsAsRoot(pod, container),
      hostNetwork: pod.spec.hostNetwork === true,
      hostPid: pod.spec.hostPID === true,
      ...(own?.allowPrivilegeEscalation === undefined
        ? {}
        : { allowPrivilegeEscalation: own.allowPrivilegeEscalation }),
      ...(own?.readOnlyRootFilesystem === undefined ? {} : { readOnlyRootFilesystem: own.readOnlyRootFilesystem }),
      addedCapabilities: own?.capabilities?.add ?? [],
      hostPaths: pod.spec.volumes.flatMap(({ name, hostPath }) =>
        hostPath && mounted.has(name) ? [hostPath.path] : [],
      ),
    },
    entities: [podRef(at, pod)],
  });
}

function serviceDraft(at: Reading, pod: Pod, service: Service): EvidenceDraft {
  const { metadata, spec } = service;
  const namespace = metadata.namespace ?? 'default';
  return draft(at, `GET services/${metadata.name}`, {
    trust: 'own',
    fact: {
      kind: 'service',
      name: metadata.name,
      namespace,
      type: spec.type,
      // An Ingress or Gateway in front of a ClusterIP Service is not read, so that `false` means: not by itself.
      exposed: spec.type === 'LoadBalancer' || spec.type === 'NodePort',
      ports: spec.ports.map(({ port }) => port),
    },
    entities: [serviceEntity(at.cluster, namespace, metadata.name), podRef(at, pod)],
  });
}

function nodeDraft(at: Reading, pod: Pod, { metadata, spec }: NodeObject): EvidenceDraft {
  return draft(at, `GET nodes/${metadata.name}`, {
    trust: 'own',
    fact: {
      kind: 'node',
      name: metadata.name,
      cluster: at.cluster,
      uid: metadata.uid,
      controlPlane: isControlPlane(metadata.labels),
      unschedulable: spec.unschedulable === true,
    },
    entities: [nodeEntity(metadata.name), podRef(at, pod)],
  });
}

/** Part `identity`: the ServiceAccount and each binding that gives it rights. */
export function identityEvidence(
  at: Reading,
  found: {
    readonly pod: Pod;
    readonly account: ServiceAccount | undefined;
    readonly bindings: readonly { readonly binding: Binding; readonly rules: RoleRules | undefined }[];
  },
): EvidenceDraft[] {
  const account = accountOf(found.pod);
  return [
    serviceAccountDraft(at, found.pod, account, found.account),
    ...found.bindings.flatMap(({ binding, rules }) => bindingDrafts(at, account, binding, rules)),
  ];
}

function serviceAccountDraft(
  at: Reading,
  pod: Pod,
  account: Account,
  object: ServiceAccount | undefined,
): EvidenceDraft {
  const cloudRole = object?.metadata.annotations[ROLE_ARN];
  return draft(at, `GET serviceaccounts/${account.name}`, {
    // The role's name is an annotation: whoever may write ServiceAccounts chooses it.
    trust: cloudRole === undefined ? 'own' : 'attacker_influenced',
    fact: {
      kind: 'service-account',
      name: account.name,
      namespace: account.namespace,
      tokenMounted: tokenMounted(pod, object),
      ...(cloudRole === undefined ? {} : { cloudRole }),
    },
    entities: [
      accountEntity(at.cluster, account),
      podRef(at, pod),
      ...(cloudRole === undefined ? [] : [cloudRoleEntity(cloudRole)]),
    ],
  });
}

/** The pod's own setting wins over its ServiceAccount's; a projected token volume is a token whatever both say. */
function tokenMounted(pod: Pod, account: ServiceAccount | undefined): boolean {
  const tokenVolumes = new Set(
    pod.spec.volumes
      .filter(({ projected }) => projected?.sources.some((source) => source.serviceAccountToken !== undefined))
      .map(({ name }) => name),
  );
  const projected = allContainers(pod).some(({ volumeMounts }) =>
    volumeMounts.some(({ name }) => tokenVolumes.has(name)),
  );
  return projected || (pod.spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true);
}

function bindingDrafts(at: Reading, account: Account, binding: Binding, rules: RoleRules | undefined): EvidenceDraft[] {
  const { metadata, roleRef, subjects, kind } = binding;
  return subjects
    .filter((subject) => givesRightsTo(subject, account, metadata.namespace))
    .map((subject) =>
      draft(
        at,
        `GET ${kind === 'RoleBinding' ? `namespaces/${metadata.namespace}/rolebindings` : 'clusterrolebindings'}/${metadata.name}`,
        {
          trust: 'own',
          fact: {
            kind: 'role-binding',
            bindingKind: kind,
            name: metadata.name,
            ...(kind === 'RoleBinding' && metadata.namespace !== undefined ? { namespace: metadata.namespace } : {}),
            uid: metadata.uid,
            roleKind: roleRef.kind,
            roleName: roleRef.name,
            subject: subjectName(subject, metadata.namespace),
            subjectCount: subjects.length,
            // A RoleBinding to the same role reaches one namespace only.
            clusterAdmin: kind === 'ClusterRoleBinding' && isFullControl(roleRef.name, rules),
          },
          entities: [bindingEntity(at.cluster, binding), accountEntity(at.cluster, account)],
        },
      ),
    );
}
