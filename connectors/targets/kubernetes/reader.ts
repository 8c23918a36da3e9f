import type * as z from 'zod';
import type { ClusterConfiguration } from '../../../domain/config/schema.ts';
import { TargetError } from '../errors.ts';
import type { Binding, BindingKind, ClusterFacts, KubernetesReader } from './api.ts';
import { KUBERNETES_LIMITS, type KubernetesApi, type KubernetesDeps, kubernetesApi } from './client.ts';
import { type ResourceLocation, resourcePath } from './names.ts';
import { ownerChainReader } from './owners.ts';
import { ALWAYS_PROTECTED } from './protected.ts';
import { workloadReads } from './reader-workloads.ts';
import * as schema from './schema.ts';
import { givesRightsTo } from './subjects.ts';

export const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
export const APPS = { group: 'apps', version: 'v1' } as const;
export const CORE = { group: '', version: 'v1' } as const;
export const NETWORKING = { group: 'networking.k8s.io', version: 'v1' } as const;

/** A client that can only read, with the cluster's read secret. */
export function kubernetesReader(cluster: ClusterConfiguration, deps: KubernetesDeps): KubernetesReader {
  const limits = deps.limits ?? KUBERNETES_LIMITS;
  return readerOver(kubernetesApi(cluster, cluster.readSecret, deps), factsOf(cluster), limits, deps.now);
}

export function factsOf(cluster: ClusterConfiguration): ClusterFacts {
  return {
    name: cluster.name,
    protectedNamespaces: new Set([...ALWAYS_PROTECTED, ...cluster.protectedNamespaces]),
    protectedNames: new Set(cluster.protectedNames),
  };
}

/** Reading over whatever credential the api has; a writer reads with its own. */
export function readerOver(
  api: KubernetesApi,
  facts: ClusterFacts,
  limits: { readonly pageSize: number; readonly maxPages: number },
  now: () => Date,
): KubernetesReader {
  async function one<T>(at: ResourceLocation, shape: z.ZodType<T>): Promise<T | undefined> {
    const body = await api
      .call({ method: 'GET', path: resourcePath(at), repeat: 'read' })
      .catch(unlessNotFound(undefined));
    return body === undefined ? undefined : parsed(shape, body, resourcePath(at));
  }

  async function all<T>(at: ResourceLocation, shape: z.ZodType<T>): Promise<T[]> {
    const path = resourcePath(at);
    const items: T[] = [];
    let token: string | undefined;
    for (let page = 1; page <= limits.maxPages; page += 1) {
      const query = new URLSearchParams({ limit: String(limits.pageSize), ...(token ? { continue: token } : {}) });
      const body = await api.call({ method: 'GET', path: `${path}?${query}`, repeat: 'read' });
      const list = parsed(schema.listSchema, body, path);
      for (const item of list.items) items.push(parsed(shape, item, path));
      token = list.metadata?.continue;
      if (!token) return items;
    }
    throw new TargetError('unusable', `GET ${path} has more than ${limits.maxPages * limits.pageSize} objects`);
  }

  async function bindings(kind: BindingKind): Promise<Binding[]> {
    const plural = bindingPlural(kind);
    const objects = await all({ ...RBAC, plural }, schema.rawObjectSchema);
    return objects.map((object) => toBinding(kind, object));
  }

  return {
    cluster: facts,
    now,
    getPod: (namespace, name) => one({ ...CORE, plural: 'pods', namespace, name }, schema.podSchema),
    getOwnerChain: ownerChainReader((at) => one(at, schema.controllerSchema)),
    async getReplicaSets(namespace, deploymentUid) {
      const sets = await all({ ...APPS, plural: 'replicasets', namespace }, schema.controllerSchema);
      return sets.filter(({ metadata }) =>
        metadata.ownerReferences.some(({ uid, controller }) => uid === deploymentUid && controller === true),
      );
    },
    getServiceAccount: (namespace, name) =>
      one({ ...CORE, plural: 'serviceaccounts', namespace, name }, schema.serviceAccountSchema),
    async getBindingsOf(account) {
      const lists = await Promise.all([bindings('ClusterRoleBinding'), bindings('RoleBinding')]);
      return lists
        .flat()
        .filter(({ subjects, metadata }) =>
          subjects.some((subject) => givesRightsTo(subject, account, metadata.namespace)),
        );
    },
    async getBinding(kind, namespace, name) {
      const object = await one({ ...RBAC, plural: bindingPlural(kind), namespace, name }, schema.rawObjectSchema);
      return object === undefined ? undefined : toBinding(kind, object);
    },
    async getRoleRules(kind, namespace, name) {
      const at =
        kind === 'ClusterRole'
          ? { ...RBAC, plural: 'clusterroles', name }
          : { ...RBAC, plural: 'roles', namespace, name };
      return (await one(at, schema.roleSchema))?.rules;
    },
    getPods: (namespace) => all({ ...CORE, plural: 'pods', namespace }, schema.podSchema),
    ...workloadReads({ one, all }),
    getServices: (namespace) => all({ ...CORE, plural: 'services', namespace }, schema.serviceSchema),
    getEndpointSlices: (namespace) =>
      all(
        { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', namespace },
        schema.endpointSliceSchema,
      ),
    getNetworkPolicies: (namespace) =>
      all({ ...NETWORKING, plural: 'networkpolicies', namespace }, schema.networkPolicySchema),
    getPolicyEndpoints: (namespace) =>
      all(
        { group: 'networking.k8s.aws', version: 'v1alpha1', plural: 'policyendpoints', namespace },
        schema.policyEndpointSchema,
      ).catch((error: unknown) => {
        // Not installed, or not for us to see: then enforcement stays an assumption, which the verification says.
        if (error instanceof TargetError && (error.kind === 'not-found' || error.kind === 'denied')) return undefined;
        throw error;
      }),
  };
}

export function bindingPlural(kind: BindingKind): 'clusterrolebindings' | 'rolebindings' {
  return kind === 'ClusterRoleBinding' ? 'clusterrolebindings' : 'rolebindings';
}

function toBinding(kind: BindingKind, object: schema.RawObject): Binding {
  return { ...parsed(schema.bindingSchema, object, bindingPlural(kind)), kind, object };
}

function unlessNotFound<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof TargetError && error.kind === 'not-found') return otherwise;
    throw error;
  };
}

function parsed<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.slice(0, 5).map((issue) => issue.path.join('.') || 'value');
  throw new TargetError(
    'unusable',
    `${what} answered with an object that lacks or has malformed: ${fields.join(', ')}`,
    {
      cause: result.error,
    },
  );
}
