import { isDeepStrictEqual } from 'node:util';
import type { SandboxCall } from '../system.ts';
import { type Account, authorize, checkEscalation } from './authority.ts';
import { applyJsonPatch, isRecord, PatchError } from './json-patch.ts';
import type { ApiObject, ObjectMeta, ObjectStore } from './objects.ts';
import { apiVersionOf, type Route } from './resources.ts';
import { refuse } from './status.ts';
import { validate } from './validate.ts';

export const PATCH_TYPES = ['application/json-patch+json', 'application/apply-patch+yaml'] as const;

interface Written {
  readonly status: 200 | 201;
  readonly object: ApiObject;
}

/** PATCH of one object: server-side apply or JSON patch. @throws StatusError */
export function patch(store: ObjectStore, account: Account, route: Route, call: SandboxCall): Written {
  authorize(account, 'patch', route);
  switch (contentTypeOf(call)) {
    case 'application/apply-patch+yaml':
      return serverSideApply(store, account, route, call);
    case 'application/json-patch+json':
      return jsonPatch(store, account, route, call);
    default:
      throw refuse.mediaType(PATCH_TYPES);
  }
}

/** JSON is the only YAML this server reads. Absent fields of our own earlier apply are removed, as the real one does. */
function serverSideApply(store: ObjectStore, account: Account, route: Route, call: SandboxCall): Written {
  const manager = call.query.get('fieldManager');
  if (!manager)
    throw refuse.invalid('PatchOptions.meta.k8s.io ""', 'fieldManager: Required value: is required for apply patch');
  const body = bodyOf(call, route);
  validate(route.resource.plural, body);
  const name = nameOf(route);
  const existing = store.get(route.resource.plural, route.namespace, name);
  if (existing === undefined) authorize(account, 'create', route);
  else refuseForeignFields(existing, body, manager, route, call);
  checkEscalation(account, route.resource, body);
  const object = toObject(body, route, {
    ...(existing?.metadata ?? bare(name)),
    managedFields: [{ manager, operation: 'Apply' }],
  });
  return { status: existing ? 200 : 201, object: store.put(route.resource.plural, object) };
}

function refuseForeignFields(
  existing: ApiObject,
  body: Record<string, unknown>,
  manager: string,
  route: Route,
  call: SandboxCall,
): void {
  const others = (existing.metadata.managedFields ?? []).filter((entry) => entry.manager !== manager);
  const differs = !isDeepStrictEqual(existing['spec'], body['spec']);
  if (others.length > 0 && differs && call.query.get('force') !== 'true')
    throw refuse.conflict(
      route.resource.plural,
      existing.metadata.name,
      `Apply failed with 1 conflict: conflict with "${others[0]?.manager}": .spec`,
    );
}

/** An object with the JSON patch of a call applied to it. @throws StatusError */
export function patchObject(existing: ApiObject, plural: string, call: SandboxCall): ApiObject {
  if (contentTypeOf(call) !== 'application/json-patch+json') throw refuse.mediaType(PATCH_TYPES);
  const patched = applied(existing, parse(call.body));
  if (!isRecord(patched)) throw refuse.badRequest('the patched object is no object');
  validate(plural, patched);
  return { ...existing, ...patched };
}

function jsonPatch(store: ObjectStore, account: Account, route: Route, call: SandboxCall): Written {
  const name = nameOf(route);
  const existing = store.get(route.resource.plural, route.namespace, name);
  if (existing === undefined) throw refuse.notFound(route.resource.plural, name);
  const patched = applied(existing, parse(call.body));
  if (!isRecord(patched)) throw refuse.badRequest('the patched object is no object');
  validate(route.resource.plural, patched);
  const object = toObject(patched, route, existing.metadata);
  if (object.metadata.uid !== existing.metadata.uid || object.metadata.name !== name)
    throw refuse.invalid(`${route.resource.kind} "${name}"`, 'metadata.uid: Invalid value: field is immutable');
  if (object.metadata.resourceVersion !== existing.metadata.resourceVersion)
    throw refuse.conflict(route.resource.plural, name, 'the object has been modified');
  if (!isDeepStrictEqual(object, existing)) checkEscalation(account, route.resource, object);
  return { status: 200, object: store.put(route.resource.plural, object) };
}

function applied(existing: ApiObject, operations: unknown): unknown {
  try {
    return applyJsonPatch(existing, operations);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw error.status === 400
      ? refuse.badRequest(error.message)
      : refuse.invalid('', `the server rejected our request due to an error in our request: ${error.message}`);
  }
}

/** POST to a collection. @throws StatusError */
export function create(store: ObjectStore, account: Account, route: Route, call: SandboxCall): Written {
  authorize(account, 'create', route);
  if (contentTypeOf(call) !== 'application/json') throw refuse.mediaType(['application/json']);
  const body = bodyOf(call, route);
  validate(route.resource.plural, body);
  const given = metadataOf(body);
  const name = typeof given['name'] === 'string' ? given['name'] : '';
  if (given['resourceVersion'] !== undefined)
    throw refuse.badRequest('resourceVersion should not be set on objects to be created');
  if (store.get(route.resource.plural, route.namespace, name)) throw refuse.exists(route.resource.plural, name);
  checkEscalation(account, route.resource, body);
  return { status: 201, object: store.put(route.resource.plural, toObject(body, route, bare(name))) };
}

/** DELETE of one object with its preconditions. @throws StatusError */
export function remove(store: ObjectStore, account: Account, route: Route, call: SandboxCall): ApiObject {
  authorize(account, 'delete', route);
  const name = nameOf(route);
  const existing = store.get(route.resource.plural, route.namespace, name);
  if (existing === undefined) throw refuse.notFound(route.resource.plural, name);
  const options = call.body === '' ? {} : parse(call.body);
  const preconditions = isRecord(options) && isRecord(options['preconditions']) ? options['preconditions'] : {};
  for (const [field, label] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    const wanted = preconditions[field];
    if (wanted !== undefined && wanted !== existing.metadata[field])
      throw refuse.conflict(
        route.resource.plural,
        name,
        `Precondition failed: ${label} in precondition: ${String(wanted)}, ${label} in object meta: ${existing.metadata[field]}`,
      );
  }
  store.remove(route.resource.plural, existing);
  return existing;
}

/**
 * Whether a call asks for a dry run. The query of a DELETE is read only when it has no body, as in the real server
 * (kubernetes/apiserver, endpoints/handlers/delete.go). @throws StatusError
 */
export function isDryRun(call: SandboxCall): boolean {
  const options = call.method === 'DELETE' && call.body !== '' ? parse(call.body) : undefined;
  const asked: readonly unknown[] =
    options === undefined
      ? call.query.getAll('dryRun')
      : isRecord(options) && Array.isArray(options['dryRun'])
        ? options['dryRun']
        : [];
  if (asked.some((value) => value !== 'All'))
    throw refuse.invalid('options', `dryRun: Unsupported value: "${asked.join(',')}"`);
  return asked.length > 0;
}

function bodyOf(call: SandboxCall, { resource, namespace, name }: Route): Record<string, unknown> {
  const body = parse(call.body);
  if (!isRecord(body)) throw refuse.badRequest('the body is no object');
  if (body['apiVersion'] !== apiVersionOf(resource) || body['kind'] !== resource.kind)
    throw refuse.badRequest(`the body is no ${resource.kind} of ${apiVersionOf(resource)}`);
  const given = metadataOf(body);
  if (name !== undefined && given['name'] !== name)
    throw refuse.badRequest('the name of the object does not match the name on the URL');
  if (given['namespace'] !== undefined && given['namespace'] !== namespace)
    throw refuse.badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return body;
}

function metadataOf(body: Record<string, unknown>): Record<string, unknown> {
  return isRecord(body['metadata']) ? body['metadata'] : {};
}

const bare = (name: string): ObjectMeta => ({ name, uid: '', resourceVersion: '', creationTimestamp: '' });

/** The stored form: the server's own fields from `base`, everything else from the request. */
function toObject(body: Record<string, unknown>, { resource, namespace }: Route, base: ObjectMeta): ApiObject {
  const given = metadataOf(body);
  const { labels: _labels, annotations: _annotations, ...kept } = base;
  const owners = given['ownerReferences'];
  return {
    ...body,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...kept,
      ...(namespace === undefined ? {} : { namespace }),
      ...(typeof given['uid'] === 'string' ? { uid: given['uid'] } : {}),
      ...(typeof given['resourceVersion'] === 'string' ? { resourceVersion: given['resourceVersion'] } : {}),
      ...strings('labels', given['labels']),
      ...strings('annotations', given['annotations']),
      ...(Array.isArray(owners) ? { ownerReferences: owners } : {}),
    },
  };
}

function strings(
  field: 'labels' | 'annotations',
  value: unknown,
): Partial<Record<'labels' | 'annotations', Record<string, string>>> {
  if (!isRecord(value) || Object.keys(value).length === 0) return {};
  return { [field]: Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)])) };
}

function nameOf({ name }: Route): string {
  if (name === undefined) throw refuse.methodNotAllowed();
  return name;
}

function contentTypeOf(call: SandboxCall): string {
  return (call.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse.badRequest('the body is not JSON');
  }
}
