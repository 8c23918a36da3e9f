import { readRules, writeRules } from '../../../connectors/targets/kubernetes/rbac.ts';
import { json, type SandboxCall, type SandboxReply, type SandboxSystem } from '../system.ts';
import { type Account, authenticate, authorize } from './authority.ts';
import { runControllers } from './controllers.ts';
import { type ApiObject, type ObjectStore, objectStore } from './objects.ts';
import { apiVersionOf, type Route, resourceOfKind, routeOf } from './resources.ts';
import { refuse, StatusError, statusReply } from './status.ts';
import { create, patch, remove } from './write.ts';

export interface KubernetesScenario {
  readonly cluster: string;
  readonly objects: readonly unknown[];
}

export interface KubernetesSandboxOptions {
  readonly readToken: string;
  readonly writeToken: string;
  /** Roles the containing account may bind; none by default, as in the manifests Parapet renders. */
  readonly mayBind?: readonly string[];
  readonly now?: () => Date;
}

export interface KubernetesSandbox extends SandboxSystem {
  /** The cluster's content, for tests that play another actor: what they change, the controllers see. */
  change(edit: (store: ObjectStore) => void): void;
  objects(plural: string): readonly ApiObject[];
}

/**
 * A Kubernetes API server with the parts that a quarantine meets. Its RBAC rules are those Parapet renders for its two
 * accounts, so that a right missing in the catalogue fails here and not first in somebody's cluster.
 */
export function kubernetesSandbox(scenario: KubernetesScenario, options: KubernetesSandboxOptions): KubernetesSandbox {
  const accounts: readonly Account[] = [
    { user: 'system:serviceaccount:parapet:parapet-read', token: options.readToken, rules: readRules(), mayBind: [] },
    {
      user: 'system:serviceaccount:parapet:parapet-contain',
      token: options.writeToken,
      rules: writeRules(),
      mayBind: options.mayBind ?? [],
    },
  ];
  const store = objectStore(options.now ?? (() => new Date()));
  for (const object of scenario.objects) {
    const known = toApiObject(object);
    store.put(resourceOfKind(known.kind).plural, known);
  }
  runControllers(store);

  function answer(call: SandboxCall): SandboxReply {
    const account = authenticate(call, accounts);
    if (call.path === '/version') return json(200, { major: '1', minor: '34', gitVersion: 'v1.34.0-sandbox' });
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
  const dryRun = call.query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All'))
    throw refuse.invalid('options', `dryRun: Unsupported value: "${dryRun.join(',')}"`);
  const store = dryRun.length > 0 ? live.copy() : live;
  const reply = writeTo(store, account, route, call);
  if (store === live) runControllers(live);
  return reply;
}

function writeTo(store: ObjectStore, account: Account, route: Route, call: SandboxCall): SandboxReply {
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
