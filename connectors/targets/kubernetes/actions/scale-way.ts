import type { PreparedOn, Verification } from '../../../../domain/actions/action.ts';
import type { KubernetesTarget } from '../../../../domain/actions/target.ts';
import { TargetError } from '../../errors.ts';
import type { KubernetesReader, WorkloadController, WorkloadKind } from '../api.ts';
import type { JobObject, Scale } from '../schema-workloads.ts';
import type { Standing } from './attempt.ts';
import type { Ask, ObjectPlan, Undo } from './steps.ts';

export type PreparedStop = PreparedOn<KubernetesTarget>;

/** A workload with what else tells how many pods it wants. */
export interface Found {
  readonly workload: WorkloadController;
  readonly namespace: string;
  /** Of a Deployment or StatefulSet. */
  readonly scale?: Scale | undefined;
  /** Of a CronJob: the jobs it started. */
  readonly jobs: readonly JobObject[];
}

type Check = Verification['checks'][number];

/** How pods of one kind of workload are brought to none, and back. */
export interface ScaleWay {
  /** undefined: it wants no pods already. */
  plan(ask: Ask, found: Found): ObjectPlan | undefined;
  standing(prepared: PreparedStop, found: Found): Standing;
  /** Whether the workload wants no pods; that none runs is checked beside it. */
  desired(prepared: PreparedStop, found: Found): Check;
  undo(prepared: PreparedStop, found: Found): Undo;
}

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const satisfies readonly WorkloadKind[];

export function kindOf({ kind }: KubernetesTarget): WorkloadKind | undefined {
  return KINDS.find((known) => known === kind);
}

/** undefined: it does not exist. */
export async function find(read: KubernetesReader, target: KubernetesTarget): Promise<Found | undefined> {
  const kind = kindOf(target);
  const { namespace, name } = target;
  if (kind === undefined || namespace === undefined)
    throw new TargetError('invalid', 'the plan names no workload that could be scaled');
  const workload = await read.getWorkload(kind, namespace, name);
  if (workload === undefined) return undefined;
  return {
    workload,
    namespace,
    ...(kind === 'Deployment' || kind === 'StatefulSet' ? { scale: await read.getScale(kind, namespace, name) } : {}),
    jobs: kind === 'CronJob' ? await read.getJobs(namespace, workload.metadata.uid) : [],
  };
}
