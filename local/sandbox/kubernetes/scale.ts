import type { SandboxCall } from '../system.ts';
import { type Account, authorize } from './authority.ts';
import { type ApiObject, type ObjectStore, specOf } from './objects.ts';
import type { Route } from './resources.ts';
import { refuse } from './status.ts';
import { patchObject } from './write.ts';

/** The subresource `scale` (autoscaling/v1) of an object, with what of it can be written: the number. */
export function scaleOf(object: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas } = specOf(object);
  const { status } = object;
  const counted = typeof status === 'object' && status !== null && 'replicas' in status ? status.replicas : 0;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    // Zero is left out, as the real server does.
    spec: { ...(replicas === 0 ? {} : { replicas: replicas ?? 1 }) },
    status: { ...(counted === undefined ? {} : { replicas: counted }) },
  };
}

/** @throws StatusError */
export function readScale(store: ObjectStore, account: Account, route: Route): ApiObject {
  authorize(account, 'get', route);
  return scaleOf(stored(store, route));
}

/** A JSON patch of the scale, which changes nothing of the object but its number of replicas. @throws StatusError */
export function patchScale(store: ObjectStore, account: Account, route: Route, call: SandboxCall): ApiObject {
  authorize(account, 'patch', route);
  const object = stored(store, route);
  const patched = patchObject(scaleOf(object), 'scale', call);
  const { replicas = 0 } = specOf(patched);
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw refuse.invalid('Scale', 'spec.replicas: Invalid value: must be greater than or equal to 0');
  if (
    patched.metadata.uid !== object.metadata.uid ||
    patched.metadata.resourceVersion !== object.metadata.resourceVersion
  )
    throw refuse.conflict(route.resource.plural, object.metadata.name, 'the object has been modified');
  return scaleOf(store.put(route.resource.plural, { ...object, spec: { ...specOf(object), replicas } }));
}

function stored(store: ObjectStore, { resource, namespace, name = '' }: Route): ApiObject {
  const object = store.get(resource.plural, namespace, name);
  if (object === undefined) throw refuse.notFound(resource.plural, name);
  return object;
}
