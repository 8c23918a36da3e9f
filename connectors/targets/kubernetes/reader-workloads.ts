import type * as z from 'zod';
import { TargetError } from '../errors.ts';
import type { KubernetesReader, Scaler, WorkloadKind } from './api.ts';
import type { ResourceLocation } from './names.ts';
import * as schema from './schema-workloads.ts';

const APPS = { group: 'apps', version: 'v1' } as const;
const BATCH = { group: 'batch', version: 'v1' } as const;

/** Group and plural of what an action may scale, suspend or roll back. */
export const WORKLOAD_RESOURCES: Readonly<
  Record<WorkloadKind, { readonly group: string; readonly version: string; readonly plural: string }>
> = {
  Deployment: { ...APPS, plural: 'deployments' },
  StatefulSet: { ...APPS, plural: 'statefulsets' },
  DaemonSet: { ...APPS, plural: 'daemonsets' },
  CronJob: { ...BATCH, plural: 'cronjobs' },
};

const SCALERS = [
  { kind: 'HorizontalPodAutoscaler', at: { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers' } },
  { kind: 'ScaledObject', at: { group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects' } },
] as const satisfies readonly { readonly kind: Scaler['kind']; readonly at: ResourceLocation }[];

interface Reads {
  one<T>(at: ResourceLocation, shape: z.ZodType<T>): Promise<T | undefined>;
  all<T>(at: ResourceLocation, shape: z.ZodType<T>): Promise<T[]>;
}

type WorkloadReads = Pick<
  KubernetesReader,
  'getNode' | 'getWorkload' | 'getScale' | 'getRevisions' | 'getJobs' | 'getScalers'
>;

/** Reading of nodes and of what controls pods, for the actions that change those. */
export function workloadReads({ one, all }: Reads): WorkloadReads {
  return {
    getNode: (name) => one({ group: '', version: 'v1', plural: 'nodes', name }, schema.nodeSchema),
    async getWorkload(kind, namespace, name) {
      const found = await one({ ...WORKLOAD_RESOURCES[kind], namespace, name }, schema.workloadSchema);
      return found === undefined ? undefined : { ...found, kind };
    },
    getScale: (kind, namespace, name) =>
      one({ ...WORKLOAD_RESOURCES[kind], namespace, name, subresource: 'scale' }, schema.scaleSchema),
    async getRevisions(namespace, deploymentUid) {
      const sets = await all({ ...APPS, plural: 'replicasets', namespace }, schema.workloadSchema);
      return sets.filter(({ metadata }) => isControlledBy(metadata, deploymentUid));
    },
    async getJobs(namespace, cronJobUid) {
      const jobs = await all({ ...BATCH, plural: 'jobs', namespace }, schema.jobSchema);
      return jobs.filter(({ metadata }) => isControlledBy(metadata, cronJobUid));
    },
    async getScalers(namespace, kind, name) {
      const read = await Promise.all(
        SCALERS.map(async (scaler) => ({
          kind: scaler.kind,
          objects: await all({ ...scaler.at, namespace }, schema.scalerSchema).catch(unlessUnknownOrDenied),
        })),
      );
      return {
        found: read.flatMap((scaler) =>
          (scaler.objects === 'denied' ? [] : scaler.objects)
            .filter(({ spec }) => spec.scaleTargetRef.kind === kind && spec.scaleTargetRef.name === name)
            .map(({ metadata }) => ({ kind: scaler.kind, name: metadata.name })),
        ),
        unread: read.filter(({ objects }) => objects === 'denied').map((scaler) => scaler.kind),
      };
    },
  };
}

function isControlledBy(
  {
    ownerReferences,
  }: { readonly ownerReferences: readonly { readonly uid: string; readonly controller?: boolean | undefined }[] },
  uid: string,
): boolean {
  return ownerReferences.some((owner) => owner.uid === uid && owner.controller === true);
}

/** A kind that the cluster does not know has no objects; one we may not see may have some. */
function unlessUnknownOrDenied(error: unknown): 'denied' | never[] {
  if (error instanceof TargetError && error.kind === 'not-found') return [];
  if (error instanceof TargetError && error.kind === 'denied') return 'denied';
  throw error;
}
