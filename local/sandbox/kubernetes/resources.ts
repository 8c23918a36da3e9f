import type { SandboxCall } from '../system.ts';
import { refuse } from './status.ts';

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const of = (group: string, version: string, plural: string, kind: string, namespaced = true): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

const RBAC = 'rbac.authorization.k8s.io';

/** What this API server serves. PolicyEndpoint and ScaledObject are custom resources that a scenario may or may not have. */
export const RESOURCES: readonly Resource[] = [
  of('', 'v1', 'pods', 'Pod'),
  of('', 'v1', 'services', 'Service'),
  of('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  of('', 'v1', 'namespaces', 'Namespace', false),
  of('', 'v1', 'nodes', 'Node', false),
  of('apps', 'v1', 'deployments', 'Deployment'),
  of('apps', 'v1', 'replicasets', 'ReplicaSet'),
  of('apps', 'v1', 'statefulsets', 'StatefulSet'),
  of('apps', 'v1', 'daemonsets', 'DaemonSet'),
  of('batch', 'v1', 'jobs', 'Job'),
  of('batch', 'v1', 'cronjobs', 'CronJob'),
  of('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  of('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  of('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  of(RBAC, 'v1', 'clusterroles', 'ClusterRole', false),
  of(RBAC, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
  of(RBAC, 'v1', 'roles', 'Role'),
  of(RBAC, 'v1', 'rolebindings', 'RoleBinding'),
  of('networking.k8s.aws', 'v1alpha1', 'policyendpoints', 'PolicyEndpoint'),
  of('keda.sh', 'v1alpha1', 'scaledobjects', 'ScaledObject'),
];

export function resourceOfKind(kind: string): Resource {
  const resource = RESOURCES.find((candidate) => candidate.kind === kind);
  if (resource === undefined) throw new Error(`the sandbox knows no kind ${kind}`);
  return resource;
}

export interface Route {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource?: 'scale' | undefined;
}

const SCALABLE = ['deployments', 'statefulsets'];

/** `/api/v1/namespaces/<ns>/pods/<name>` and its relatives. @throws StatusError 404 */
export function routeOf(call: SandboxCall): Route {
  const parts = call.path.split('/').filter(Boolean).map(decodeURIComponent);
  const core = parts[0] === 'api';
  const group = core ? '' : (parts[1] ?? '');
  const version = core ? parts[1] : parts[2];
  const rest = parts.slice(core ? 2 : 3);
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name, subresource, ...more] = inNamespace ? rest.slice(2) : rest;
  const resource = RESOURCES.find(
    (candidate) => candidate.group === group && candidate.version === version && candidate.plural === plural,
  );
  if ((!core && parts[0] !== 'apis') || resource === undefined || more.length > 0) throw refuse.noSuchPath();
  const isScale = subresource === 'scale' && SCALABLE.includes(resource.plural);
  if (subresource !== undefined && !isScale) throw refuse.noSuchPath();
  if (inNamespace !== resource.namespaced && (inNamespace || name !== undefined)) throw refuse.noSuchPath();
  return {
    resource,
    namespace: inNamespace ? rest[1] : undefined,
    name,
    ...(isScale ? { subresource: 'scale' as const } : {}),
  };
}

export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}
