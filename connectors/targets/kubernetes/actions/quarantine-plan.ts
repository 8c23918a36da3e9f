import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { sha256Hex } from '../../../../domain/json/canonical.ts';
import type { OwnerChain } from '../api.ts';
import { resourcePath } from '../names.ts';
import { selectsPod } from '../network-policy.ts';
import { FIELD_MANAGER, type JsonPatchOperation, jsonPatch, pointer, serverSideApply } from '../requests.ts';
import type { NetworkPolicy, Pod, Service } from '../schema.ts';
import { keysMatchedBy, type Labels, selects, serviceSelects } from '../selector.ts';

export const QUARANTINE_LABEL = 'parapet.io/quarantine';
export const INCIDENT_ANNOTATION = 'parapet.io/incident';
export const LABELS_BEFORE_ANNOTATION = 'parapet.io/labels-before';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Short and the same for the same incident and action, so that a second attempt meets its own first one. */
export function quarantineId(incidentId: string, actionId: string): string {
  return sha256Hex(`${incidentId}/${actionId}`).slice(0, 12);
}

export function policyName(id: string): string {
  return `parapet-quarantine-${id}`;
}

/** The pod and everything in its namespace that may select it. */
export interface Surroundings {
  readonly pod: Pod;
  readonly owners: OwnerChain;
  readonly services: readonly Service[];
  /** Without the policy of this quarantine itself. */
  readonly policies: readonly NetworkPolicy[];
}

export interface QuarantinePlan {
  readonly labelsAfter: Labels;
  readonly leavesServices: readonly string[];
  readonly beforeState: Record<string, unknown>;
  readonly requests: PlannedRequest[];
  readonly inverse: PlannedRequest[];
}

/**
 * The requests of a quarantine: first the policy that denies everything, then the label that puts the pod under it, so
 * that there is no open moment. The same patch removes every label by which a Service, the pod's controller or another
 * policy selects the pod.
 *
 * What is bound: the patch tests uid and the whole label map, the two things it depends on. It does not test
 * `resourceVersion`, because the kubelet's status reports raise that every few seconds and would void every approval;
 * the API server evaluates the tests and the write as one.
 */
export function planQuarantine(incidentId: string, actionId: string, around: Surroundings): QuarantinePlan {
  const { metadata } = around.pod;
  const namespace = metadata.namespace ?? 'default';
  const id = quarantineId(incidentId, actionId);
  const removed = labelsToRemove(around);
  const pod = resourcePath({ group: '', version: 'v1', plural: 'pods', namespace, name: metadata.name });
  return {
    labelsAfter: {
      ...Object.fromEntries(Object.entries(metadata.labels).filter(([key]) => !Object.hasOwn(removed, key))),
      [QUARANTINE_LABEL]: id,
    },
    leavesServices: servicesOf(around).map((service) => service.metadata.name),
    beforeState: { uid: metadata.uid, labels: metadata.labels, removedLabels: removed },
    requests: [
      serverSideApply(policyPath(namespace, id), denyAll(namespace, id, incidentId), 'deny all traffic of the label'),
      jsonPatch(pod, metadata.uid, isolate(around.pod, id, incidentId, removed), 'put the pod under the policy'),
    ],
    inverse: [
      jsonPatch(pod, metadata.uid, restore(id, removed), 'give the pod its labels back'),
      {
        method: 'DELETE',
        path: policyPath(namespace, id),
        contentType: 'application/json',
        // The uid of the policy is not known before it exists; roll-back reads it and adds it as a precondition.
        body: { apiVersion: 'v1', kind: 'DeleteOptions' },
        purpose: 'remove the policy',
      },
    ],
  };
}

export function policyPath(namespace: string, id: string): string {
  return resourcePath({
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'networkpolicies',
    namespace,
    name: policyName(id),
  });
}

/** `policyTypes` names Egress: without it only ingress would be isolated. */
function denyAll(namespace: string, id: string, incidentId: string): Record<string, unknown> {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: policyName(id),
      namespace,
      labels: { [MANAGED_BY]: FIELD_MANAGER },
      annotations: { [INCIDENT_ANNOTATION]: incidentId },
    },
    spec: { podSelector: { matchLabels: { [QUARANTINE_LABEL]: id } }, policyTypes: ['Ingress', 'Egress'] },
  };
}

export function isOurs(policy: NetworkPolicy): boolean {
  return policy.metadata.labels[MANAGED_BY] === FIELD_MANAGER;
}

/** Whether the policy still is the one we applied. */
export function isDenyAll(policy: NetworkPolicy, id: string): boolean {
  const { spec } = policy;
  const types = spec?.policyTypes ?? [];
  return (
    spec?.podSelector?.matchLabels[QUARANTINE_LABEL] === id &&
    Object.keys(spec.podSelector.matchLabels).length === 1 &&
    spec.podSelector.matchExpressions.length === 0 &&
    types.includes('Ingress') &&
    types.includes('Egress') &&
    spec.ingress.length === 0 &&
    spec.egress.length === 0
  );
}

function isolate(pod: Pod, id: string, incidentId: string, removed: Labels): JsonPatchOperation[] {
  const { labels, annotations } = pod.metadata;
  const notes = { [INCIDENT_ANNOTATION]: incidentId, [LABELS_BEFORE_ANNOTATION]: JSON.stringify(labels) };
  const bare = Object.keys(labels).length === 0;
  return [
    // A pod without labels has no member to test; its uid is tested all the same.
    ...(bare ? [] : [{ op: 'test', path: '/metadata/labels', value: labels } as const]),
    ...Object.keys(removed).map((key) => ({ op: 'remove', path: pointer('metadata', 'labels', key) }) as const),
    bare
      ? { op: 'add', path: '/metadata/labels', value: { [QUARANTINE_LABEL]: id } }
      : { op: 'add', path: pointer('metadata', 'labels', QUARANTINE_LABEL), value: id },
    ...(Object.keys(annotations).length === 0
      ? [{ op: 'add', path: '/metadata/annotations', value: notes } as const]
      : Object.entries(notes).map(
          ([key, value]) => ({ op: 'add', path: pointer('metadata', 'annotations', key), value }) as const,
        )),
  ];
}

function restore(id: string, removed: Labels): JsonPatchOperation[] {
  const label = pointer('metadata', 'labels', QUARANTINE_LABEL);
  return [
    { op: 'test', path: label, value: id },
    { op: 'remove', path: label },
    ...Object.entries(removed).map(
      ([key, value]) => ({ op: 'add', path: pointer('metadata', 'labels', key), value }) as const,
    ),
    { op: 'remove', path: pointer('metadata', 'annotations', INCIDENT_ANNOTATION) },
    { op: 'remove', path: pointer('metadata', 'annotations', LABELS_BEFORE_ANNOTATION) },
  ];
}

function servicesOf({ pod, services }: Surroundings): readonly Service[] {
  return services.filter(({ spec }) => serviceSelects(spec.selector, pod.metadata.labels));
}

function labelsToRemove(around: Surroundings): Labels {
  const { labels } = around.pod.metadata;
  const controller = around.owners.controllers[0]?.spec.selector;
  const keys = new Set([
    ...servicesOf(around).flatMap(({ spec }) => Object.keys(spec.selector)),
    ...(controller && selects(controller, labels) ? keysMatchedBy(controller) : []),
    ...around.policies
      .filter((policy) => selectsPod(policy, labels))
      .flatMap(({ spec }) => (spec?.podSelector ? keysMatchedBy(spec.podSelector) : [])),
  ]);
  return Object.fromEntries(Object.entries(labels).filter(([key]) => keys.has(key)));
}
