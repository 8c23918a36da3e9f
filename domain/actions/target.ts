import * as z from 'zod';
import { entityRefSchema } from '../evidence/pack.ts';
import { type VendorRecordRef, vendorName, vendorRecordSchema } from '../evidence/vendor-record.ts';

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

/**
 * A thing of one AWS account. `arn` names it; of an access key it is its user's and of an EKS access entry its principal's,
 * since these are what IAM and EKS know it by, and `name` is then the key's id or the cluster. A region is missing for what
 * has none (IAM), and before it was found out.
 */
export const awsTargetSchema = z.lazy(() =>
  z.object({
    system: z.literal('aws'),
    ...bound,
    account: z.string(),
    region: z.string().optional(),
    kind: z.enum(['instance', 'role', 'user', 'access-key', 'eks-access-entry', 'resource']),
    arn: z.string(),
    name: z.string(),
  }),
);
export type AwsTarget = z.infer<typeof awsTargetSchema>;

/**
 * A vendor's own record about an entity: the incident, alert or issue that can be answered there. The id is the vendor's, from
 * its answer when the alert was read back.
 */
export const vendorTargetSchema = z.lazy(() =>
  z.object({ system: z.literal('vendor'), ...bound, ...vendorRecordSchema.shape }),
);
export type VendorTarget = z.infer<typeof vendorTargetSchema>;

/** Where an action acts: one entity of the evidence, in one system of record. */
export const actionTargetSchema = z.lazy(() =>
  z.discriminatedUnion('system', [
    kubernetesTargetSchema.unwrap(),
    awsTargetSchema.unwrap(),
    vendorTargetSchema.unwrap(),
  ]),
);
export type ActionTarget = z.infer<typeof actionTargetSchema>;

const AWS_KINDS: Readonly<Record<AwsTarget['kind'], string>> = {
  instance: 'Instance',
  role: 'Role',
  user: 'User',
  'access-key': 'Access key',
  'eks-access-entry': 'EKS cluster',
  resource: 'Resource',
};

const RECORD_KINDS: Readonly<Record<VendorRecordRef['kind'], string>> = {
  incident: 'Incident',
  alert: 'Alert',
  issue: 'Issue',
};

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
    case 'aws':
      return [
        ['Account', target.account],
        ...(target.region === undefined ? [] : ([['Region', target.region]] as const)),
        [AWS_KINDS[target.kind], target.name],
        ['ARN', target.arn],
      ];
    case 'vendor':
      return [
        ['Vendor', vendorName(target.vendor)],
        [RECORD_KINDS[target.kind], target.id],
        ['About', target.entity.label],
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
    case 'aws':
      return target.kind === 'eks-access-entry'
        ? `access entry of ${target.arn} to EKS cluster ${target.name} in account ${target.account}`
        : `${AWS_KINDS[target.kind].toLowerCase()} ${target.name} in account ${target.account}`;
    case 'vendor':
      return `${target.kind} ${target.id} of ${vendorName(target.vendor)}`;
  }
}

/** What tells a target from a same-named successor. */
export function identityOf(target: ActionTarget): string {
  switch (target.system) {
    case 'kubernetes':
      return target.uid;
    case 'aws':
      return target.arn;
    case 'vendor':
      return target.id;
  }
}
