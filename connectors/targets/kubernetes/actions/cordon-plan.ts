import type { PlannedRequest } from '../../../../domain/actions/action.ts';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { resourcePath } from '../names.ts';
import { type JsonPatchOperation, jsonPatch } from '../requests.ts';
import type { NodeObject } from '../schema-workloads.ts';
import { type Ask, markOf, note, type ObjectPlan, plannedUnnote, unnote } from './steps.ts';

export const QUARANTINE_TAINT = 'parapet.io/quarantine';

export function taintOf(ask: Ask): Record<string, unknown> {
  return { key: QUARANTINE_TAINT, value: markOf(ask), effect: 'NoSchedule' };
}

/** Where our taint stands in the node's list; -1: it does not. */
export function placeOfTaint({ spec }: NodeObject, ask: Ask): number {
  const ours = canonicalJson(taintOf(ask));
  return spec.taints.findIndex((taint) => canonicalJson(taint) === ours);
}

/**
 * Marks the node unschedulable and taints it. Nothing is bound but what decides the patch: a node's other taints come and
 * go by themselves, and must not void an approval.
 */
export function planCordon(ask: Ask, node: NodeObject): ObjectPlan {
  const { metadata, spec } = node;
  const unschedulable = spec.unschedulable === true;
  const tainted = spec.taints.length > 0;
  const taint = taintOf(ask);
  return {
    beforeState: { uid: metadata.uid, unschedulable, tainted },
    requests: [
      jsonPatch(
        nodePath(metadata.name),
        metadata.uid,
        [
          unschedulable
            ? { op: 'test', path: '/spec/unschedulable', value: true }
            : { op: 'add', path: '/spec/unschedulable', value: true },
          tainted
            ? { op: 'add', path: '/spec/taints/-', value: taint }
            : { op: 'add', path: '/spec/taints', value: [taint] },
          ...note(metadata, ask.incidentId),
        ],
        'keep new pods off the node',
      ),
    ],
    inverse: [
      uncordon(metadata, [
        ...untaint(spec.taints.length, taint),
        ...(unschedulable ? [] : ([{ op: 'remove', path: '/spec/unschedulable' }] as const)),
        ...plannedUnnote(metadata),
      ]),
    ],
  };
}

/** The undo as the node is now: our taint may have got another place in the list, and a person may have uncordoned it. */
export function planUncordon(ask: Ask, node: NodeObject, wasUnschedulable: boolean): PlannedRequest {
  const { metadata, spec } = node;
  return uncordon(metadata, [
    ...untaint(placeOfTaint(node, ask), taintOf(ask)),
    ...(wasUnschedulable || spec.unschedulable !== true
      ? []
      : ([{ op: 'remove', path: '/spec/unschedulable' }] as const)),
    ...unnote(metadata, ask.incidentId),
  ]);
}

function untaint(place: number, taint: Record<string, unknown>): JsonPatchOperation[] {
  return [
    { op: 'test', path: `/spec/taints/${place}`, value: taint },
    { op: 'remove', path: `/spec/taints/${place}` },
  ];
}

function uncordon({ name, uid }: NodeObject['metadata'], operations: readonly JsonPatchOperation[]): PlannedRequest {
  return jsonPatch(nodePath(name), uid, operations, 'let pods come to the node again');
}

function nodePath(name: string): string {
  return resourcePath({ group: '', version: 'v1', plural: 'nodes', name });
}
