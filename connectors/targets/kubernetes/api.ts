import type { PlannedRequest, SentRequest } from '../../../domain/actions/action.ts';
import type {
  BindingObject,
  ControllerObject,
  EndpointSlice,
  NetworkPolicy,
  OwnerReference,
  Pod,
  PolicyEndpoint,
  RawObject,
  RoleRules,
  Service,
  ServiceAccount,
} from './schema.ts';
import type { JobObject, NodeObject, Scale, WorkloadObject } from './schema-workloads.ts';

export const CONTROLLER_KINDS = ['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'] as const;
export type ControllerKind = (typeof CONTROLLER_KINDS)[number];

export interface Controller extends ControllerObject {
  readonly kind: ControllerKind;
}

/** From the pod's direct controller upwards. `unresolved` names the owner at which reading ended, and why. */
export interface OwnerChain {
  readonly controllers: readonly Controller[];
  readonly unresolved?: { readonly kind: string; readonly name: string; readonly reason: string };
}

export type BindingKind = 'ClusterRoleBinding' | 'RoleBinding';

export interface Binding extends BindingObject {
  readonly kind: BindingKind;
  /** As it was read, for putting it back. */
  readonly object: RawObject;
}

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];
/** Kinds whose number of pods is set through the subresource `scale`. */
export type ScalableKind = Extract<WorkloadKind, 'Deployment' | 'StatefulSet'>;

export interface WorkloadController extends WorkloadObject {
  readonly kind: WorkloadKind;
}

/** Something in the cluster that may set a number of pods again. */
export interface Scaler {
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly name: string;
}

/** What the configuration says about the cluster, so that an action needs no second source for it. */
export interface ClusterFacts {
  readonly name: string;
  readonly protectedNamespaces: ReadonlySet<string>;
  /** Names, or `namespace/name`, of objects that are never changed: a break-glass account, the registry everything needs. */
  readonly protectedNames: ReadonlySet<string>;
}

/**
 * Everything Parapet reads of a cluster. A single object that is not there is `undefined`; every other failure is a
 * `TargetError`. Lists are complete or an error: half a list of policies would be a false statement about isolation.
 */
export interface KubernetesReader {
  readonly cluster: ClusterFacts;
  now(): Date;
  getPod(namespace: string, name: string): Promise<Pod | undefined>;
  getOwnerChain(namespace: string, owners: readonly OwnerReference[]): Promise<OwnerChain>;
  /** ReplicaSets of the namespace that the Deployment with this uid controls. */
  getReplicaSets(namespace: string, deploymentUid: string): Promise<readonly ControllerObject[]>;
  getServiceAccount(namespace: string, name: string): Promise<ServiceAccount | undefined>;
  /** Bindings that give rights to a ServiceAccount: by name, by its user name, or by one of the groups it is always in. */
  getBindingsOf(account: { readonly namespace: string; readonly name: string }): Promise<readonly Binding[]>;
  getBinding(kind: BindingKind, namespace: string | undefined, name: string): Promise<Binding | undefined>;
  getRoleRules(
    kind: 'ClusterRole' | 'Role',
    namespace: string | undefined,
    name: string,
  ): Promise<RoleRules | undefined>;
  getServices(namespace: string): Promise<readonly Service[]>;
  getEndpointSlices(namespace: string): Promise<readonly EndpointSlice[]>;
  getNetworkPolicies(namespace: string): Promise<readonly NetworkPolicy[]>;
  /** `undefined`: the cluster does not publish them, or we may not see them. */
  getPolicyEndpoints(namespace: string): Promise<readonly PolicyEndpoint[] | undefined>;
  getPods(namespace: string): Promise<readonly Pod[]>;
  getNode(name: string): Promise<NodeObject | undefined>;
  getWorkload(kind: WorkloadKind, namespace: string, name: string): Promise<WorkloadController | undefined>;
  getScale(kind: ScalableKind, namespace: string, name: string): Promise<Scale | undefined>;
  /** Revisions of the Deployment with this uid: its ReplicaSets, each with its template as it was read. */
  getRevisions(namespace: string, deploymentUid: string): Promise<readonly WorkloadObject[]>;
  getJobs(namespace: string, cronJobUid: string): Promise<readonly JobObject[]>;
  /** Autoscalers that point at the workload. */
  getScalers(namespace: string, kind: WorkloadKind, name: string): Promise<ScalersFound>;
}

export interface ScalersFound {
  readonly found: readonly Scaler[];
  /** Kinds that could not be read: whether one of them scales the workload is not known. */
  readonly unread: readonly Scaler['kind'][];
}

export interface WriteOptions {
  readonly dryRun: boolean;
  /** Told about every request that was answered, accepted or not. */
  readonly record: (sent: SentRequest) => void;
}

/**
 * What may be written: exactly the requests a person approved, in the four guarded shapes of `requests.ts`. Made from
 * another secret than a reader, and only `execute` and `roll-back` have one (rule 8).
 */
export interface KubernetesWriter extends KubernetesReader {
  /** @returns the object as the API server answered. @throws TargetError */
  send(request: PlannedRequest, options: WriteOptions): Promise<RawObject>;
}
