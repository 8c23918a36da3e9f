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

/** What the configuration says about the cluster, so that an action needs no second source for it. */
export interface ClusterFacts {
  readonly name: string;
  readonly protectedNamespaces: ReadonlySet<string>;
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
