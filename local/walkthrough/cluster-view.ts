import * as z from 'zod';

const labelsSchema = z.record(z.string(), z.string()).default({});
/** What the sandbox cluster shows of itself (local/sandbox/kubernetes), as far as a walkthrough looks. */
export const clusterSchema = z.object({
  pods: z.array(
    z.object({
      name: z.string(),
      uid: z.string(),
      namespace: z.string().optional(),
      labels: labelsSchema,
      annotations: labelsSchema,
    }),
  ),
  networkPolicies: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
      spec: z.looseObject({
        podSelector: z.object({ matchLabels: labelsSchema }),
        policyTypes: z.array(z.string()).default([]),
        ingress: z.array(z.unknown()).default([]),
        egress: z.array(z.unknown()).default([]),
      }),
    }),
  ),
  clusterRoleBindings: z.array(z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })),
  roleBindings: z.array(z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })),
  nodes: z.array(
    z.object({
      metadata: z.object({ uid: z.string() }),
      spec: z.object({ unschedulable: z.boolean().optional() }).optional(),
    }),
  ),
  workloads: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string(), uid: z.string() }),
      spec: z.looseObject({ template: z.unknown() }).optional(),
      status: z
        .looseObject({ replicas: z.number().optional(), currentNumberScheduled: z.number().optional() })
        .optional(),
    }),
  ),
  endpointSlices: z.array(
    z.object({
      service: z.string().optional(),
      endpoints: z.array(z.object({ targetRef: z.object({ uid: z.string() }) })).default([]),
    }),
  ),
});
export type ClusterView = z.infer<typeof clusterSchema>;
