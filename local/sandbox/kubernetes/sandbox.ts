import { RIGHTS_PERMISSIONS } from '../../../connectors/rights/kubernetes/permissions.ts';
import { readRules, writeRules } from '../../../connectors/targets/kubernetes/rbac.ts';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { answerAccessReview } from './access-review.ts';
import { type Account, authenticate, authorize, type Rule } from './authority.ts';
import { runControllers } from './controllers.ts';
import { type ApiObject, type ObjectStore, objectStore } from './objects.ts';
import { apiVersionOf, type Route, resourceOfKind, routeOf } from './resources.ts';
import { patchScale, readScale } from './scale.ts';
import { refuse, StatusError, statusReply } from './status.ts';
import { create, isDryRun, patch, remove } from './write.ts';

export interface KubernetesScenario {
  readonly cluster: string;
  readonly objects: readonly unknown[];
}

export interface KubernetesSandboxOptions {
  readonly readToken: string;
  readonly writeToken: string;
  /** Of the account that may only ask what others may do. */
  readonly rightsToken?: string;
  /** Roles the containing account may bind; none by default, as in the manifests Parapet renders. */
  readonly mayBind?: readonly string[];
  readonly now?: () => Date;
  /** Rights of the two accounts; those of the whole catalogue by default. */
  readonly rules?: { readonly read: readonly Rule[]; readonly write: readonly Rule[] };
}

export interface KubernetesSandbox extends SandboxSystem {
  /** The cluster's content, for tests that play another actor: what they change, the controllers see. */
  change(edit: (store: ObjectStore) => void): void;
  objects(plural: string): readonly ApiObject[];
}

/**
 * A Kubernetes API server with the parts that our actions meet. Its RBAC rules are those Parapet renders for its two
 * accounts, so that a right missing in the catalogue fails here and not first in somebody's cluster.
 */
export function kubernetesSandbox(scenario: KubernetesScenario, options: KubernetesSandboxOptions): KubernetesSandbox {
  const accounts: readonly Account[] = [
    {
      user: 'system:serviceaccount:parapet:parapet-read',
      token: options.readToken,
      rules: options.rules?.read ?? readRules(),
      mayBind: [],
    },
    {
      user: 'system:serviceaccount:parapet:parapet-contain',
      token: options.writeToken,
      rules: options.rules?.write ?? writeRules(),
      mayBind: options.mayBind ?? [],
    },
    ...(options.rightsToken === undefined
      ? []
      : [
          {
            user: 'system:serviceaccount:parapet:parapet-rights',
            token: options.rightsToken,
            rules: RIGHTS_PERMISSIONS,
            mayBind: [],
          },
        ]),
  ];
  const store = objectStore(options.now ?? (() => new Date()));
  for (const object of scenario.objects) {
    const known = unchanged(toApiObject(object));
    store.put(resourceOfKind(known.kind).plural, known);
  }
  runControllers(store);

  function answer(call: SandboxCall): SandboxReply {
    const account = authenticate(call, accounts);
    if (call.path === '/version') return json(200, { major: '1', minor: '34', gitVersion: 'v1.34.0-sandbox' });
    const review = answerAccessReview(store, account, call);
    if (review !== undefined) return review;
    const route = routeOf(call);
    if (call.method === 'GET') return read(store, account, route, call);
    return write(store, account, route, call);
  }

  return {
    handle(call) {
      try {
        return answer(call);
      } catch (error) {
        if (error instanceof StatusError) return statusReply(error);
        throw error;
      }
    },
    view: () => ({
      cluster: scenario.cluster,
      pods: store.all('pods').map(({ metadata, status }) => ({ ...metadata, status })),
      networkPolicies: store.all('networkpolicies'),
      nodes: store.all('nodes').map(({ metadata, spec }) => ({ metadata, spec })),
      workloads: ['deployments', 'statefulsets', 'daemonsets', 'cronjobs', 'jobs'].flatMap((plural) =>
        store.all(plural).map(({ kind, metadata, spec, status }) => ({ kind, metadata, spec, status })),
      ),
      clusterRoleBindings: store.all('clusterrolebindings'),
      roleBindings: store.all('rolebindings'),
      endpointSlices: store.all('endpointslices').map(({ metadata, endpoints }) => ({
        namespace: metadata.namespace,
        service: metadata.labels?.['kubernetes.io/service-name'],
        endpoints,
      })),
    }),
    change(edit) {
      edit(store);
      runControllers(store);
    },
    objects: (plural) => store.all(plural),
  };
}

function read(store: ObjectStore, account: Account, route: Route, call: SandboxCall): SandboxReply {
  const { resource, namespace, name } = route;
  if (route.subresource !== undefined) return json(200, readScale(store, account, route));
  if (name !== undefined) {
    authorize(account, 'get', route);
    const object = store.get(resource.plural, namespace, name);
    if (object === undefined) throw refuse.notFound(resource.plural, name);
    return json(200, object);
  }
  authorize(account, 'list', route);
  const selector = labelSelectorOf(call.query.get('labelSelector'));
  const all = store
    .all(resource.plural)
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value));
  const limit = Number(call.query.get('limit') ?? '0') || all.length;
  const start = Number(call.query.get('continue') ?? '0');
  if (!Number.isInteger(start) || start < 0) throw refuse.badRequest('continue key is not valid');
  const next = start + limit;
  return json(200, {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: '1', ...(next < all.length ? { continue: String(next) } : {}) },
    // Items of a list carry neither kind nor apiVersion, which surprises who re-creates one.
    items: all.slice(start, next).map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item),
  });
}

/** Equality terms only (`a=b,c=d`). */
function labelSelectorOf(text: string | null): readonly (readonly [string, string])[] {
  if (!text) return [];
  return text.split(',').map((term) => {
    const [key, value] = term.split('=');
    if (!key || value === undefined) throw refuse.badRequest(`unable to parse requirement: ${term}`);
    return [key, value];
  });
}

/** A dry run does everything on a copy, controllers excluded, since nothing is stored that they could see. */
function write(live: ObjectStore, account: Account, route: Route, call: SandboxCall): SandboxReply {
  const store = isDryRun(call) ? live.copy() : live;
  const reply = writeTo(store, account, route, call);
  if (store === live) runControllers(live);
  return reply;
}

function writeTo(store: ObjectStore, account: Account, route: Route, call: SandboxCall): SandboxReply {
  if (route.subresource !== undefined) {
    if (call.method !== 'PATCH') throw refuse.methodNotAllowed();
    return json(200, patchScale(store, account, route, call));
  }
  if (call.method === 'POST' && route.name === undefined) {
    const { status, object } = create(store, account, route, call);
    return json(status, object);
  }
  if (call.method === 'PATCH' && route.name !== undefined) {
    const { status, object } = patch(store, account, route, call);
    return json(status, object);
  }
  if (call.method === 'DELETE' && route.name !== undefined) return json(200, remove(store, account, route, call));
  throw refuse.methodNotAllowed();
}

/** A Deployment of a scenario is as its controller left it: nothing is to be rolled out. */
function unchanged(object: ApiObject): ApiObject {
  if (object.kind !== 'Deployment') return object;
  const status = isObject(object['status']) ? object['status'] : {};
  return { ...object, status: { ...status, observedGeneration: 1 } };
}

function toApiObject(value: unknown): ApiObject {
  if (isObject(value) && typeof value['kind'] === 'string' && typeof value['apiVersion'] === 'string') {
    const { metadata } = value;
    if (isObject(metadata) && typeof metadata['name'] === 'string')
      return {
        ...value,
        kind: value['kind'],
        apiVersion: value['apiVersion'],
        metadata: { uid: '', resourceVersion: '', creationTimestamp: '', ...metadata, name: metadata['name'] },
      };
  }
  throw new Error('an object of the scenario lacks apiVersion, kind or metadata.name');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
