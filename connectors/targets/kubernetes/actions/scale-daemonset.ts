import * as z from 'zod';
import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { resourcePath } from '../names.ts';
import { WORKLOAD_RESOURCES } from '../reader-workloads.ts';
import { type JsonPatchOperation, jsonPatch, pointer } from '../requests.ts';
import type { Found, ScaleWay } from './scale-way.ts';
import { type Ask, check, markOf, note, pinned, plannedUnnote, settled, unnote } from './steps.ts';

/** No node has this label, so that the DaemonSet fits on none. */
export const NOWHERE_LABEL = 'parapet.io/scaled-to-zero';

const NODE_SELECTOR = ['spec', 'template', 'spec', 'nodeSelector'] as const;
const templateSchema = z.object({ spec: z.object({ nodeSelector: z.record(z.string(), z.string()).default({}) }) });

/** A DaemonSet has no number of replicas: its node selector is made impossible. */
export const byNodeSelector: ScaleWay = {
  plan(ask, found) {
    const { metadata } = found.workload;
    const before = nodeSelectorOf(found);
    if (Object.hasOwn(before, NOWHERE_LABEL)) return undefined;
    return {
      beforeState: { uid: metadata.uid, nodeSelector: before },
      requests: [
        patch(found, [
          Object.keys(before).length === 0
            ? { op: 'add', path: pointer(...NODE_SELECTOR), value: { [NOWHERE_LABEL]: markOf(ask) } }
            : { op: 'add', path: pointer(...NODE_SELECTOR, NOWHERE_LABEL), value: markOf(ask) },
          ...note(metadata, ask.incidentId),
        ]),
      ],
      inverse: [patchBack(found, ask, Object.keys(before).length === 0, plannedUnnote(metadata))],
    };
  },

  standing(prepared, found) {
    if (isOurs(prepared, found)) return settled('already-applied', 'the DaemonSet fits on no node already');
    const plan = this.plan(prepared, found);
    const approved = { beforeState: prepared.beforeState, requests: prepared.requests };
    if (
      plan === undefined ||
      canonicalJson({ beforeState: plan.beforeState, requests: plan.requests }) !== canonicalJson(approved)
    )
      return settled('changed', 'the DaemonSet has changed since this was planned; plan again');
    return { kind: 'ready', requests: prepared.requests.map((request) => pinned(request, found.workload.metadata)) };
  },

  desired(prepared, found) {
    const ok = isOurs(prepared, found);
    return check(
      'fits-nowhere',
      ok,
      `the node selector of DaemonSet ${found.workload.metadata.name} ${ok ? 'asks' : 'does not ask'} for a label no node has`,
    );
  },

  undo(prepared, found) {
    if (!isOurs(prepared, found))
      return { outcome: 'nothing-to-undo', said: 'the node selector does not carry the mark of this incident' };
    const { metadata } = found.workload;
    const alone = Object.keys(nodeSelectorOf(found)).length === 1;
    const back = patchBack(found, prepared, alone, unnote(metadata, prepared.incidentId));
    return { send: [pinned(back, metadata)], said: 'the DaemonSet runs on its nodes again' };
  },
};

function nodeSelectorOf({ workload }: Found): Readonly<Record<string, string>> {
  return templateSchema.safeParse(workload.spec.template).data?.spec.nodeSelector ?? {};
}

function isOurs(ask: Ask, found: Found): boolean {
  return nodeSelectorOf(found)[NOWHERE_LABEL] === markOf(ask);
}

function patchBack(found: Found, ask: Ask, alone: boolean, unnoting: readonly JsonPatchOperation[]) {
  const ours = pointer(...NODE_SELECTOR, NOWHERE_LABEL);
  return patch(found, [
    { op: 'test', path: ours, value: markOf(ask) },
    { op: 'remove', path: alone ? pointer(...NODE_SELECTOR) : ours },
    ...unnoting,
  ]);
}

function patch({ workload, namespace }: Found, operations: readonly JsonPatchOperation[]) {
  const { name, uid } = workload.metadata;
  const path = resourcePath({ ...WORKLOAD_RESOURCES.DaemonSet, namespace, name });
  return jsonPatch(path, uid, operations, 'change on which nodes the DaemonSet runs');
}
