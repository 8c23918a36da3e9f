import { canonicalJson } from '../../../../domain/json/canonical.ts';
import { TargetError } from '../../errors.ts';
import { resourcePath } from '../names.ts';
import { WORKLOAD_RESOURCES } from '../reader-workloads.ts';
import { jsonPatch } from '../requests.ts';
import type { Scale } from '../schema-workloads.ts';
import type { Found, ScaleWay } from './scale-way.ts';
import { check, pinned, settled } from './steps.ts';

/**
 * Deployment and StatefulSet, by the subresource `scale`: the right to write it is the right to set a number, while the
 * right to patch the workload would be the right to change what it runs. For that the incident is not noted on the object.
 */
export const byReplicas: ScaleWay = {
  plan(_ask, found) {
    const { metadata, spec } = scaleOf(found);
    if (spec.replicas === 0) return undefined;
    const path = resourcePath({
      ...WORKLOAD_RESOURCES[found.workload.kind],
      namespace: found.namespace,
      name: metadata.name,
      subresource: 'scale',
    });
    return {
      beforeState: { uid: metadata.uid, replicas: spec.replicas },
      requests: [
        jsonPatch(
          path,
          metadata.uid,
          [
            { op: 'test', path: '/spec/replicas', value: spec.replicas },
            { op: 'replace', path: '/spec/replicas', value: 0 },
          ],
          'run no replica',
        ),
      ],
      // `add`, since the server leaves out a number that is zero.
      inverse: [
        jsonPatch(
          path,
          metadata.uid,
          [{ op: 'add', path: '/spec/replicas', value: spec.replicas }],
          `run ${spec.replicas} ${spec.replicas === 1 ? 'replica' : 'replicas'} again`,
        ),
      ],
    };
  },

  standing(prepared, found) {
    const plan = this.plan(prepared, found);
    if (plan === undefined) return settled('already-applied', 'the workload runs no replica already');
    if (canonicalJson(plan.beforeState) !== canonicalJson(prepared.beforeState))
      return settled('changed', 'the number of replicas has changed since this was planned; plan again');
    return { kind: 'ready', requests: prepared.requests };
  },

  desired(_prepared, found) {
    const { replicas } = scaleOf(found).spec;
    return check(
      'replicas-zero',
      replicas === 0,
      `${found.workload.kind} ${found.workload.metadata.name} wants ${replicas} replicas`,
    );
  },

  undo(prepared, found) {
    const { metadata, spec } = scaleOf(found);
    if (spec.replicas !== 0)
      return { outcome: 'nothing-to-undo', said: `the workload wants ${spec.replicas} replicas already` };
    return {
      send: prepared.inverse.map((request) => pinned(request, metadata)),
      said: 'the workload has its replicas back',
    };
  },
};

function scaleOf({ scale, workload }: Found): Scale {
  if (scale === undefined)
    throw new TargetError('unusable', `${workload.kind} ${workload.metadata.name} has no subresource scale`);
  return scale;
}
