import type { ApiObject, ObjectStore } from './objects.ts';

/** What every controller that starts pods needs. */
export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

export function ownerOf({ apiVersion, kind, metadata }: ApiObject) {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

export function startPod(
  store: ObjectStore,
  owner: ApiObject,
  template: Readonly<Record<string, unknown>>,
  name: string,
): void {
  const labels = Object.entries(recordOf(recordOf(template['metadata'])['labels']));
  store.put('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      labels: Object.fromEntries(labels.map(([key, value]) => [key, String(value)])),
      ownerReferences: [ownerOf(owner)],
    },
    spec: structuredClone(recordOf(template['spec'])),
    status: { phase: 'Running', podIP: `10.0.77.${store.all('pods').length + 1}` },
  });
}
