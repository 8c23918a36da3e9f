import * as z from 'zod';
import { entityRefSchema } from '../evidence/pack.ts';

const bound = { entityId: z.string(), entity: entityRefSchema };

/** An object of one cluster. `uid` guards against a same-named successor. */
export const kubernetesTargetSchema = z.lazy(() =>
  z.object({
    system: z.literal('kubernetes'),
    ...bound,
    cluster: z.string(),
    namespace: z.string().optional(),
    kind: z.enum([
      'Pod',
      'Node',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'CronJob',
      'ClusterRoleBinding',
      'RoleBinding',
    ]),
    name: z.string(),
    uid: z.string(),
  }),
);
export type KubernetesTarget = z.infer<typeof kubernetesTargetSchema>;

/** Where an action acts: one entity of the evidence, in one system of record. */
export const actionTargetSchema = z.lazy(() => z.discriminatedUnion('system', [kubernetesTargetSchema.unwrap()]));
export type ActionTarget = z.infer<typeof actionTargetSchema>;

/** A target as a person is shown it, a row for each thing that tells it from others. */
export function targetRows(target: ActionTarget): readonly (readonly [name: string, value: string])[] {
  switch (target.system) {
    case 'kubernetes':
      return [
        ['Cluster', target.cluster],
        ...(target.namespace === undefined ? [] : ([['Namespace', target.namespace]] as const)),
        [target.kind, target.name],
        ['UID', target.uid],
      ];
  }
}

/** A target in a sentence: `Pod payments/checkout-1 in cluster prod-eks`. */
export function targetLabel(target: ActionTarget): string {
  switch (target.system) {
    case 'kubernetes': {
      const place = target.namespace ? `${target.namespace}/${target.name}` : target.name;
      return `${target.kind} ${place} in cluster ${target.cluster}`;
    }
  }
}

/** What tells a target from a same-named successor. */
export function identityOf(target: ActionTarget): string {
  switch (target.system) {
    case 'kubernetes':
      return target.uid;
  }
}
