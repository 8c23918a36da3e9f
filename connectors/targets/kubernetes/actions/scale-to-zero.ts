import type { ActionDefinition } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import type { KubernetesReader, KubernetesWriter, WorkloadKind } from '../api.ts';
import { protectionOf } from '../protected.ts';
import type { Pod } from '../schema.ts';
import { selects } from '../selector.ts';
import { attempt } from './attempt.ts';
import { bySuspending } from './scale-cronjob.ts';
import { byNodeSelector } from './scale-daemonset.ts';
import { previewStop } from './scale-preview.ts';
import { byReplicas } from './scale-replicas.ts';
import { type Found, find, kindOf, type ScaleWay } from './scale-way.ts';
import { check, goneWith, refusal, settled, undoing, verification } from './steps.ts';

const WAYS: Readonly<Record<WorkloadKind, ScaleWay>> = {
  Deployment: byReplicas,
  StatefulSet: byReplicas,
  DaemonSet: byNodeSelector,
  CronJob: bySuspending,
};

/** Stops a whole workload (reference/containment.md, section 5). */
export const scaleToZero: ActionDefinition<KubernetesReader, KubernetesWriter, KubernetesTarget> = {
  name: 'kubernetes.scale-to-zero',
  title: 'Scale a workload to zero',
  class: 'workload',
  reversible: true,
  // Pods are given 30 seconds to end by default, and more where they ask for it.
  settlesWithinSeconds: 90,
  permissions: {
    read: [
      {
        apiGroups: ['apps'],
        resources: ['deployments', 'statefulsets', 'daemonsets'],
        verbs: ['get'],
        why: 'what the workload is, and by which labels its pods are known',
      },
      {
        apiGroups: ['apps'],
        resources: ['deployments/scale', 'statefulsets/scale'],
        verbs: ['get'],
        why: 'how many replicas it wants and has',
      },
      { apiGroups: ['batch'], resources: ['cronjobs'], verbs: ['get'], why: 'whether it is suspended' },
      { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list'], why: 'jobs of a CronJob that run now' },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'], why: 'whether any of its pods still runs' },
      {
        apiGroups: ['autoscaling'],
        resources: ['horizontalpodautoscalers'],
        verbs: ['list'],
        why: 'what may change the number of replicas',
      },
      { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['list'], why: 'the same of KEDA' },
    ],
    write: [
      {
        apiGroups: ['apps'],
        resources: ['deployments/scale', 'statefulsets/scale'],
        verbs: ['patch'],
        why: 'set the number of replicas, and nothing else',
      },
      { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['patch'], why: 'make its node selector impossible' },
      { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: ['patch'], why: 'suspend them' },
    ],
  },

  async prepare(read, { incidentId, actionId, target, parameters }) {
    const kind = kindOf(target);
    if (kind === undefined || target.namespace === undefined)
      return refusal('unsupported', 'only a Deployment, StatefulSet, DaemonSet or CronJob can be scaled to zero');
    const found = await find(read, target);
    if (found === undefined) return refusal('gone', `${kind} ${target.namespace}/${target.name} no longer exists`);
    if (found.workload.metadata.uid !== target.uid) return refusal('replaced', `another ${kind} has taken the name`);
    const guard = guardOf(read, found);
    if (guard !== undefined) return refusal('protected', guard);
    const plan = WAYS[kind].plan({ incidentId, actionId }, found);
    if (plan === undefined) return refusal('unsupported', 'the workload wants no pods already');
    const scalers = await read.getScalers(target.namespace, kind, target.name);
    return {
      ok: true,
      prepared: {
        action: 'kubernetes.scale-to-zero',
        incidentId,
        actionId,
        target,
        parameters: { ...parameters },
        ...plan,
      },
      preview: previewStop(target, found, plan, scalers),
    };
  },

  apply: (write, prepared) =>
    attempt(write, async () => {
      const found = await find(write, prepared.target);
      if (found === undefined) return settled('gone', 'the workload no longer exists');
      if (found.workload.metadata.uid !== prepared.target.uid)
        return settled('replaced', 'another workload has taken the name');
      const guard = guardOf(write, found);
      return guard === undefined ? wayOf(found).standing(prepared, found) : settled('refused', guard);
    }),

  async verify(read, prepared) {
    const found = await find(read, prepared.target);
    const at = read.now();
    if (found === undefined || found.workload.metadata.uid !== prepared.target.uid)
      return goneWith(at, `${prepared.target.kind} ${prepared.target.name}`);
    const desired = wayOf(found).desired(prepared, found);
    const checks = [desired, ...(await stopped(read, found))];
    const all = checks.every(({ ok }) => ok);
    return verification(at, checks, all ? 'contained' : desired.ok ? 'partial' : 'failed');
  },

  rollBack: (write, prepared) =>
    undoing(write, async () => {
      const found = await find(write, prepared.target);
      if (found === undefined || found.workload.metadata.uid !== prepared.target.uid)
        return { outcome: 'nothing-to-undo', said: 'the workload no longer exists' };
      const guard = guardOf(write, found);
      return guard === undefined ? wayOf(found).undo(prepared, found) : { outcome: 'failed', said: guard };
    }),
};

function wayOf({ workload }: Found): ScaleWay {
  return WAYS[workload.kind];
}

function guardOf(read: KubernetesReader, { workload, namespace }: Found): string | undefined {
  return protectionOf(read.cluster, { kind: workload.kind, ...workload.metadata, namespace });
}

/** That no pod is left. The jobs of a CronJob end their pods by themselves, so that their own state says it. */
async function stopped(read: KubernetesReader, { workload, scale, jobs, namespace }: Found) {
  if (workload.kind === 'CronJob') {
    const active = jobs.filter(({ status }) => (status?.active ?? 0) > 0).map(({ metadata }) => metadata.name);
    return [check('no-pod-runs', active.length === 0, said('job', active))];
  }
  const { selector } = workload.spec;
  const left = (await read.getPods(namespace)).filter(
    (pod) => selector !== undefined && selects(selector, pod.metadata.labels) && isAlive(pod),
  );
  const counted = scale?.status.replicas ?? 0;
  return [
    ...(scale === undefined ? [] : [check('status-zero', counted === 0, `its controller counts ${counted} pods`)]),
    check(
      'no-pod-runs',
      left.length === 0,
      said(
        'pod',
        left.map(({ metadata }) => metadata.name),
      ),
    ),
  ];
}

/** A pod that is being deleted still runs. */
function isAlive({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function said(what: string, names: readonly string[]): string {
  return names.length === 0 ? `no ${what} of it runs` : `${what} ${names.slice(0, 5).join(', ')} still runs`;
}
