import * as z from 'zod';
import { refuse } from './status.ts';

/** Strict shapes of what clients may write here; `fieldValidation=Strict` refuses every field that is not in them. */
const labelValue = z.string().regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/);
const labelKey = z
  .string()
  .regex(/^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
const labels = z.record(labelKey, labelValue);

const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9A-Z:][a-z0-9A-Z:.-]{0,252}$/),
  namespace: z.string().optional(),
  labels: labels.optional(),
  annotations: z.record(labelKey, z.string()).optional(),
  ownerReferences: z.array(z.unknown()).optional(),
  finalizers: z.array(z.string()).optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().optional(),
  managedFields: z.array(z.unknown()).optional(),
  selfLink: z.string().optional(),
  generateName: z.string().optional(),
});

const labelSelector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: labelKey,
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(labelValue).optional(),
      }),
    )
    .optional(),
});
const peer = z.strictObject({
  podSelector: labelSelector.optional(),
  namespaceSelector: labelSelector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
});
const ports = z
  .array(
    z.strictObject({
      protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
      port: z.union([z.number(), z.string()]).optional(),
      endPort: z.number().optional(),
    }),
  )
  .optional();

const networkPolicy = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata,
  spec: z
    .strictObject({
      podSelector: labelSelector,
      policyTypes: z.array(z.enum(['Ingress', 'Egress'])).optional(),
      ingress: z.array(z.strictObject({ from: z.array(peer).optional(), ports })).optional(),
      egress: z.array(z.strictObject({ to: z.array(peer).optional(), ports })).optional(),
    })
    .optional(),
});

const binding = z.strictObject({
  apiVersion: z.literal('rbac.authorization.k8s.io/v1'),
  kind: z.enum(['ClusterRoleBinding', 'RoleBinding']),
  metadata,
  roleRef: z.strictObject({
    apiGroup: z.literal('rbac.authorization.k8s.io'),
    kind: z.enum(['ClusterRole', 'Role']),
    name: z.string().min(1),
  }),
  subjects: z
    .array(
      z.strictObject({
        kind: z.enum(['ServiceAccount', 'User', 'Group']),
        apiGroup: z.string().optional(),
        name: z.string().min(1),
        namespace: z.string().optional(),
      }),
    )
    .optional(),
});

const template = z.looseObject({
  metadata: z.looseObject({ labels: labels.optional() }).optional(),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string().min(1) })).min(1) }),
});

/** The parts of a controller that our actions write, strictly; the rest as it comes. */
function controller(apiVersion: string, kind: string, spec: Record<string, z.ZodType>): z.ZodType {
  return z.looseObject({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(kind),
    metadata,
    spec: z.looseObject(spec),
  });
}

const taint = z.strictObject({
  key: labelKey,
  value: labelValue.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  timeAdded: z.string().optional(),
});
const node = z.looseObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Node'),
  metadata,
  spec: z.looseObject({ unschedulable: z.boolean().optional(), taints: z.array(taint).optional() }).optional(),
});

const scale = z.strictObject({
  apiVersion: z.literal('autoscaling/v1'),
  kind: z.literal('Scale'),
  metadata,
  spec: z.strictObject({ replicas: z.number().int().optional() }),
  status: z.looseObject({}).optional(),
});

const pod = z.looseObject({ apiVersion: z.literal('v1'), kind: z.literal('Pod'), metadata });

const SHAPES: Readonly<Record<string, z.ZodType>> = {
  networkpolicies: networkPolicy,
  clusterrolebindings: binding,
  rolebindings: binding,
  pods: pod,
  nodes: node,
  scale,
  deployments: controller('apps/v1', 'Deployment', { template, replicas: z.number().int().min(0).optional() }),
  daemonsets: controller('apps/v1', 'DaemonSet', { template }),
  cronjobs: controller('batch/v1', 'CronJob', { suspend: z.boolean().optional() }),
  jobs: controller('batch/v1', 'Job', { suspend: z.boolean().optional() }),
};

/** Unknown fields answer 400 as strict decoding does, wrong values 422 as validation does. @throws StatusError */
export function validate(plural: string, object: unknown): void {
  const shape = SHAPES[plural];
  if (shape === undefined) throw refuse.methodNotAllowed();
  const { error } = shape.safeParse(object);
  if (error === undefined) return;
  const unknown = error.issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) {
    const field = [...unknown.path, unknown.keys[0] ?? ''].join('.');
    throw refuse.badRequest(`strict decoding error: unknown field "${field}"`);
  }
  const first = error.issues[0];
  throw refuse.invalid(plural, `${first?.path.join('.')}: ${first?.message}`);
}
