import * as z from 'zod';

/**
 * The fields we rely on, parsed leniently: a newer API server may add anything. Kubernetes leaves empty maps and lists
 * out, so absent means empty.
 */
const stringMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});

export function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
}

const ownerReferenceSchema = z.lazy(() =>
  z.object({
    apiVersion: z.string(),
    kind: z.string(),
    name: z.string(),
    uid: z.string(),
    controller: z.boolean().optional(),
  }),
);
export type OwnerReference = z.infer<typeof ownerReferenceSchema>;

export const metadataSchema = z.lazy(() =>
  z.object({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    generation: z.number().optional(),
    labels: stringMap,
    annotations: stringMap,
    ownerReferences: listOf(ownerReferenceSchema),
    managedFields: listOf(z.object({ manager: z.string().optional() })),
  }),
);
export type Metadata = z.infer<typeof metadataSchema>;

export const labelSelectorSchema = z.lazy(() =>
  z.object({
    matchLabels: stringMap,
    matchExpressions: listOf(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: listOf(z.string()),
      }),
    ),
  }),
);
export type LabelSelector = z.infer<typeof labelSelectorSchema>;

const containerSecurity = z.lazy(() =>
  z.object({
    privileged: z.boolean().optional(),
    runAsUser: z.number().optional(),
    runAsNonRoot: z.boolean().optional(),
    allowPrivilegeEscalation: z.boolean().optional(),
    readOnlyRootFilesystem: z.boolean().optional(),
    capabilities: z.object({ add: listOf(z.string()) }).optional(),
  }),
);

const containerSchema = z.lazy(() =>
  z.object({
    name: z.string(),
    image: z.string().optional(),
    securityContext: containerSecurity.optional(),
    volumeMounts: listOf(z.object({ name: z.string() })),
  }),
);
export type Container = z.infer<typeof containerSchema>;

const volumeSchema = z.lazy(() =>
  z.object({
    name: z.string(),
    hostPath: z.object({ path: z.string() }).optional(),
    projected: z.object({ sources: listOf(z.object({ serviceAccountToken: z.object({}).optional() })) }).optional(),
  }),
);

const podSpecSchema = z.lazy(() =>
  z.object({
    nodeName: z.string().optional(),
    serviceAccountName: z.string().optional(),
    automountServiceAccountToken: z.boolean().optional(),
    hostNetwork: z.boolean().optional(),
    hostPID: z.boolean().optional(),
    securityContext: z.object({ runAsUser: z.number().optional(), runAsNonRoot: z.boolean().optional() }).optional(),
    containers: listOf(containerSchema),
    initContainers: listOf(containerSchema),
    volumes: listOf(volumeSchema),
  }),
);

export const podSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: podSpecSchema,
    status: z
      .object({
        phase: z.string().optional(),
        podIP: z.string().optional(),
        containerStatuses: listOf(
          z.object({ name: z.string(), image: z.string().optional(), imageID: z.string().optional() }),
        ),
      })
      .optional(),
  }),
);
export type Pod = z.infer<typeof podSchema>;

export const controllerSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    replicas: z.number().int().optional(),
    selector: labelSelectorSchema.optional(),
    template: z.object({ spec: podSpecSchema }).optional(),
  }),
});
export type ControllerObject = z.infer<typeof controllerSchema>;

export const serviceAccountSchema = z.object({
  metadata: metadataSchema,
  automountServiceAccountToken: z.boolean().optional(),
});
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;

export const subjectSchema = z.lazy(() =>
  z.object({
    kind: z.string(),
    apiGroup: z.string().optional(),
    name: z.string(),
    namespace: z.string().optional(),
  }),
);
export type Subject = z.infer<typeof subjectSchema>;

export const bindingSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    roleRef: z.object({ apiGroup: z.string(), kind: z.enum(['ClusterRole', 'Role']), name: z.string() }),
    subjects: listOf(subjectSchema),
  }),
);
export type BindingObject = z.infer<typeof bindingSchema>;

export const roleSchema = z.lazy(() =>
  z.object({
    rules: listOf(
      z.object({ verbs: listOf(z.string()), apiGroups: listOf(z.string()), resources: listOf(z.string()) }),
    ),
  }),
);
export type RoleRules = z.infer<typeof roleSchema>['rules'];

export const serviceSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: z.object({
      type: z.string().default('ClusterIP'),
      selector: stringMap,
      ports: listOf(z.object({ port: z.number().int() })),
    }),
  }),
);
export type Service = z.infer<typeof serviceSchema>;

export const endpointSliceSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    endpoints: listOf(
      z.object({
        addresses: listOf(z.string()),
        targetRef: z
          .object({ kind: z.string().optional(), name: z.string().optional(), uid: z.string().optional() })
          .optional(),
      }),
    ),
  }),
);
export type EndpointSlice = z.infer<typeof endpointSliceSchema>;

const policyPortSchema = z.lazy(() =>
  z.object({
    protocol: z.string().optional(),
    port: z.union([z.number(), z.string()]).optional(),
    endPort: z.number().optional(),
  }),
);
const policyPeerSchema = z.object({
  podSelector: labelSelectorSchema.optional(),
  namespaceSelector: labelSelectorSchema.optional(),
  ipBlock: z.object({ cidr: z.string(), except: listOf(z.string()) }).optional(),
});
export type PolicyPeer = z.infer<typeof policyPeerSchema>;

export const networkPolicySchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: z
      .object({
        podSelector: labelSelectorSchema.optional(),
        policyTypes: z.array(z.string()).nullish(),
        ingress: listOf(z.object({ from: listOf(policyPeerSchema), ports: listOf(policyPortSchema) })),
        egress: listOf(z.object({ to: listOf(policyPeerSchema), ports: listOf(policyPortSchema) })),
      })
      .optional(),
  }),
);
export type NetworkPolicy = z.infer<typeof networkPolicySchema>;

/** Published by the Amazon VPC CNI's policy controller for each policy its node agents enforce (networking.k8s.aws/v1alpha1). */
export const policyEndpointSchema = z.lazy(() =>
  z.object({
    spec: z.object({
      policyRef: z.object({ name: z.string(), namespace: z.string() }),
      podSelectorEndpoints: listOf(z.object({ name: z.string(), namespace: z.string() })),
    }),
  }),
);
export type PolicyEndpoint = z.infer<typeof policyEndpointSchema>;

export const listSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  items: listOf(z.unknown()),
});

/** A Kubernetes `Status`, which explains every refusal. */
export const statusSchema = z.object({ message: z.string().optional(), reason: z.string().optional() });

/** An object exactly as it was read, for what must be put back as it was. */
export const rawObjectSchema = z.record(z.string(), z.unknown());
export type RawObject = z.infer<typeof rawObjectSchema>;
