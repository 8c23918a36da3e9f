import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { PreparedAction } from '../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../domain/actions/target.ts';
import type { ClusterView } from './cluster-view.ts';
import { type Step, step } from './step.ts';

const patchSchema = z.object({ op: z.string(), value: z.unknown().optional() });

/** Whether what was approved on a node, a workload or a single pod holds in the cluster. */
export function workloadEffect(
  { action, incidentId, requests }: PreparedAction,
  target: KubernetesTarget,
  cluster: ClusterView,
): readonly Step[] {
  const { uid, name, kind } = target;
  const pod = cluster.pods.find((candidate) => candidate.uid === uid);
  const workload = cluster.workloads.find(({ metadata }) => metadata.uid === uid);
  switch (action) {
    case 'kubernetes.annotate': {
      const held = pod?.annotations['parapet.io/investigation'];
      return [step('the pod names the incident', held === incidentId, held ?? '(absent)')];
    }
    case 'kubernetes.cordon-node': {
      const node = cluster.nodes.find(({ metadata }) => metadata.uid === uid);
      const closed = node?.spec?.unschedulable === true;
      return [step(`node ${name} takes no new pods`, closed, closed ? 'unschedulable' : 'schedulable')];
    }
    case 'kubernetes.delete-pod':
      return [step(`the pod ${name} is gone`, pod === undefined, pod === undefined ? 'not found' : 'still there')];
    case 'kubernetes.scale-to-zero': {
      const left = (workload?.status?.replicas ?? 0) + (workload?.status?.currentNumberScheduled ?? 0);
      return [step(`${kind} ${name} runs no pod`, workload !== undefined && left === 0, `${left} pods`)];
    }
    case 'kubernetes.rollout-undo': {
      const wanted = z
        .array(patchSchema)
        .parse(requests[0]?.body)
        .find(({ op }) => op === 'replace')?.value;
      const there = isDeepStrictEqual(workload?.spec?.template, wanted);
      return [
        step(
          `Deployment ${name} runs the earlier revision`,
          there,
          there ? 'its template is back' : 'another template',
        ),
      ];
    }
    default:
      return [step('the effect is looked at', false, `nothing looks at ${action} yet`)];
  }
}
