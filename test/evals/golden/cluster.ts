import type { Binding, Controller } from '../../../connectors/targets/kubernetes/api.ts';
import { identityEvidence, type Reading, workloadEvidence } from '../../../connectors/targets/kubernetes/evidence.ts';
import { revisionEvidence } from '../../../connectors/targets/kubernetes/revisions.ts';
import {
  bindingSchema,
  type ControllerObject,
  controllerSchema,
  type Pod,
  podSchema,
  type Service,
  type ServiceAccount,
  serviceAccountSchema,
  serviceSchema,
} from '../../../connectors/targets/kubernetes/schema.ts';
import type { Workload } from '../../../domain/workload.ts';
import type { ContextSpec, PodSpec } from './case.ts';
import { at, type Clock, type Drafts } from './clock.ts';

type PodWorkload = Extract<Workload, { kind: 'pod' }>;

const uid = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** What an API server would hold about the pod of a case; undefined where the case has no pod. */
export interface ClusterObjects {
  readonly cluster: string;
  readonly pod: Pod;
  readonly controller: Controller;
  readonly services: readonly Service[];
  readonly account: ServiceAccount;
  readonly bindings: readonly Binding[];
  /** Empty where the case says nothing of a last change. */
  readonly replicaSets: readonly ControllerObject[];
}

export function clusterObjects(
  { pod: spec }: ContextSpec,
  workload: Workload,
  clock: Clock,
): ClusterObjects | undefined {
  if (spec === undefined || workload.kind !== 'pod') return undefined;
  const { namespace, cluster } = workload;
  const account = spec.serviceAccount ?? 'default';
  const image = spec.image ?? workload.image ?? 'registry.example.com/app:1';
  return {
    cluster,
    pod: podSchema.parse(podObject(workload, spec, { account, image, createdAt: at(clock, -7_200) })),
    controller: controllerOf(workload, spec),
    services: spec.service === undefined ? [] : [serviceOf(workload, spec.service)],
    account: serviceAccountSchema.parse({
      metadata: {
        name: account,
        namespace,
        uid: uid(4),
        ...(spec.cloudRole === undefined ? {} : { annotations: { 'eks.amazonaws.com/role-arn': spec.cloudRole } }),
      },
    }),
    bindings: spec.role === undefined ? [] : [bindingOf(spec.role, namespace, account)],
    replicaSets: spec.revision === undefined ? [] : replicaSetsOf(spec.revision, image, clock),
  };
}

/** By the functions that read a cluster in production, from objects as the API server writes them. */
export function clusterDrafts(context: ContextSpec, workload: Workload, clock: Clock): Drafts {
  const objects = clusterObjects(context, workload, clock);
  if (objects === undefined) return {};
  const { cluster, pod, controller, services, account, bindings, replicaSets } = objects;
  const reading: Reading = { cluster, observedAt: at(clock, 900) };
  return {
    workload: workloadEvidence(reading, { pod, owners: { controllers: [controller] }, services }),
    identity: identityEvidence(reading, {
      pod,
      account,
      bindings: bindings.map((binding) => ({ binding, rules: undefined })),
    }),
    'recent-deployments':
      replicaSets.length === 0 ? [] : revisionEvidence(reading, { pod, deployment: controller, replicaSets }),
  };
}

function controllerOf(workload: PodWorkload, spec: PodSpec): Controller {
  const kind = spec.controller ?? 'Deployment';
  return {
    ...controllerSchema.parse({
      metadata: {
        name: workload.controller,
        namespace: workload.namespace,
        uid: uid(2),
        ...(spec.managedBy === undefined ? {} : { annotations: { 'argocd.argoproj.io/tracking-id': `shop:${kind}` } }),
      },
      spec: { replicas: spec.replicas ?? 2 },
    }),
    kind,
  };
}

function serviceOf({ controller, namespace }: PodWorkload, type: NonNullable<PodSpec['service']>): Service {
  return serviceSchema.parse({
    metadata: { name: controller, namespace, uid: uid(3) },
    spec: { type, selector: { app: controller }, ports: [{ port: 443 }] },
  });
}

function podObject(
  workload: PodWorkload,
  spec: PodSpec,
  { account, image, createdAt }: { readonly account: string; readonly image: string; readonly createdAt: string },
): unknown {
  const name = workload.container ?? workload.controller;
  return {
    metadata: {
      name: workload.pod,
      namespace: workload.namespace,
      uid: uid(1),
      creationTimestamp: createdAt,
      labels: { app: workload.controller, ...spec.labels },
    },
    spec: {
      nodeName: workload.host ?? 'node-1.example.internal',
      serviceAccountName: account,
      automountServiceAccountToken: spec.tokenMounted ?? false,
      hostPID: spec.hostPid ?? false,
      containers: [
        {
          name,
          image,
          securityContext: {
            privileged: spec.privileged ?? false,
            runAsUser: spec.root === true ? 0 : 1000,
            ...(spec.capabilities === undefined ? {} : { capabilities: { add: spec.capabilities } }),
          },
          volumeMounts: (spec.hostPaths ?? []).map((_, index) => ({ name: `host-${index}` })),
        },
      ],
      volumes: (spec.hostPaths ?? []).map((path, index) => ({ name: `host-${index}`, hostPath: { path } })),
    },
    status: {
      phase: 'Running',
      podIP: '10.0.61.14',
      containerStatuses:
        workload.imageDigest === undefined
          ? []
          : [{ name, image, imageID: `${image.split(':')[0]}@${workload.imageDigest}` }],
    },
  };
}

function bindingOf(role: string, namespace: string, account: string): Binding {
  const object = {
    metadata: { name: `${account}-${role}`, uid: uid(5) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  };
  return { ...bindingSchema.parse(object), kind: 'ClusterRoleBinding' as const, object };
}

function replicaSetsOf(
  { minutesBefore, cause, from }: NonNullable<PodSpec['revision']>,
  image: string,
  clock: Clock,
): ControllerObject[] {
  const set = (number: number, createdAt: string, of: string, changeCause?: string) =>
    controllerSchema.parse({
      metadata: {
        name: `set-${number}`,
        uid: uid(100 + number),
        creationTimestamp: createdAt,
        annotations: {
          'deployment.kubernetes.io/revision': String(number),
          ...(changeCause === undefined ? {} : { 'kubernetes.io/change-cause': changeCause }),
        },
      },
      spec: { template: { spec: { containers: [{ name: 'app', image: of }] } } },
    });
  return [
    set(12, at(clock, -minutesBefore * 60), image, cause),
    ...(from === undefined ? [] : [set(11, at(clock, -30 * 86_400), from)]),
  ];
}
