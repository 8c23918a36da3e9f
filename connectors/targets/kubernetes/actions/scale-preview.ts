import type { Preview } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import type { ScalersFound, WorkloadKind } from '../api.ts';
import { gitOpsManagerOf } from '../gitops.ts';
import { kubectlPatch, kubectlScale } from '../kubectl.ts';
import { controllerOf } from '../owners.ts';
import type { Found } from './scale-way.ts';
import type { ObjectPlan } from './steps.ts';

/** What a person reads before deciding. Made of facts and the catalogue's own words only. */
export function previewStop(target: KubernetesTarget, found: Found, plan: ObjectPlan, scalers: ScalersFound): Preview {
  const { kind, metadata } = found.workload;
  const name = `${kind} ${target.namespace}/${metadata.name}`;
  return {
    title: `Scale ${name} to zero in ${target.cluster}`,
    summary: SUMMARIES[kind],
    commands: commandsOf(target, found, plan.requests, 0),
    blastRadius: [
      kind === 'CronJob'
        ? `${name} starts no more jobs; ${found.jobs.length === 0 ? 'none is known' : 'those that run are ended and begin anew after an undo'}.`
        : `Everything ${name} does stops: all of its pods end${found.scale ? `, ${found.scale.spec.replicas} of them` : ''}.`,
    ],
    undo: [
      'The workload runs as before; what its pods held in memory does not come back:',
      ...commandsOf(target, found, plan.inverse, found.scale?.spec.replicas ?? 0),
    ].join('\n'),
    warnings: warningsOf(found, scalers),
  };
}

const SUMMARIES: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'The workload runs no replica any more. Its pods get their usual time to end.',
  StatefulSet: 'The workload runs no replica any more. Its volumes stay; its pods get their usual time to end.',
  DaemonSet: 'The node selector asks for a label that no node has, so that the workload runs on none.',
  CronJob: 'The CronJob is suspended, and so are its jobs that run now, which ends their pods.',
};

function commandsOf(
  target: KubernetesTarget,
  { workload, scale }: Found,
  requests: ObjectPlan['requests'],
  replicas: number,
): string[] {
  if (scale !== undefined) return [kubectlScale(workload.kind.toLowerCase(), target, replicas)];
  return requests.map((request) => {
    const job = /\/jobs\/([^/?]+)/.exec(request.path)?.[1];
    return job === undefined
      ? kubectlPatch(workload.kind.toLowerCase(), target, request)
      : kubectlPatch('job', { namespace: target.namespace, name: job }, request);
  });
}

function warningsOf({ workload }: Found, { found, unread }: ScalersFound): string[] {
  const manager = gitOpsManagerOf(workload.metadata);
  const owner = controllerOf(workload.metadata.ownerReferences);
  return [
    'Evidence is lost: the memory of the processes and the own files of every pod that is not in quarantine.',
    ...found.map(({ kind, name }) =>
      kind === 'ScaledObject'
        ? `ScaledObject ${name} of KEDA may start replicas again: pause it there as well.`
        : `HorizontalPodAutoscaler ${name} does nothing while there are no replicas, but changes their number before: then this must be planned again.`,
    ),
    ...unread.map((kind) => `Whether a ${kind} scales the workload could not be read.`),
    ...(manager
      ? [`The workload is managed by ${manager}, which will put its replicas back unless they are changed there.`]
      : []),
    ...(owner ? [`The workload is controlled by ${owner.kind} ${owner.name}, which may put it back.`] : []),
  ];
}
