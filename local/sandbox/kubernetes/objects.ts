import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
  deletionTimestamp?: string;
  /** Of what a controller works on: one more with each change of its spec. */
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  managedFields?: { manager: string; operation: string }[];
}
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}
/** An object of the API: what all kinds share is typed, the rest is JSON. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** What is in the cluster, with one counter for all resource versions, as etcd has. */
export interface ObjectStore {
  all(plural: string): ApiObject[];
  get(plural: string, namespace: string | undefined, name: string): ApiObject | undefined;
  /** Stores a new or changed object; unchanged content keeps its resource version, as in the real API. */
  put(plural: string, object: ApiObject): ApiObject;
  remove(plural: string, object: ApiObject): void;
  /** A copy to try a dry run on. */
  copy(): ObjectStore;
}

export function objectStore(
  now: () => Date,
  seed: ReadonlyMap<string, ApiObject> = new Map(),
  version = 1000,
): ObjectStore {
  const objects = new Map(seed);
  let last = version;
  const keyOf = (plural: string, namespace: string | undefined, name: string) => `${plural}|${namespace ?? ''}|${name}`;
  return {
    all: (plural) =>
      [...objects]
        .filter(([key]) => key.startsWith(`${plural}|`))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => structuredClone(object)),
    get(plural, namespace, name) {
      const object = objects.get(keyOf(plural, namespace, name));
      return object === undefined ? undefined : structuredClone(object);
    },
    put(plural, object) {
      const key = keyOf(plural, object.metadata.namespace, object.metadata.name);
      const existing = objects.get(key);
      if (existing && isDeepStrictEqual(existing, object)) return structuredClone(existing);
      last += 1;
      const stored: ApiObject = {
        ...structuredClone(object),
        metadata: {
          ...structuredClone(object.metadata),
          uid: object.metadata.uid || randomUUID(),
          creationTimestamp: object.metadata.creationTimestamp || `${now().toISOString().slice(0, 19)}Z`,
          resourceVersion: String(last),
          ...generationOf(object, existing),
        },
      };
      objects.set(key, stored);
      return structuredClone(stored);
    },
    remove(plural, object) {
      objects.delete(keyOf(plural, object.metadata.namespace, object.metadata.name));
    },
    copy: () => objectStore(now, objects, last),
  };
}

const WITH_GENERATION = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job'];

function generationOf(object: ApiObject, existing: ApiObject | undefined): { generation?: number } {
  if (!WITH_GENERATION.includes(object.kind)) return {};
  const before = existing?.metadata.generation ?? 0;
  return { generation: existing && isDeepStrictEqual(existing['spec'], object['spec']) ? before : before + 1 };
}

export function specOf(object: ApiObject): Readonly<Record<string, unknown>> {
  const { spec } = object;
  return typeof spec === 'object' && spec !== null ? Object.fromEntries(Object.entries(spec)) : {};
}
