import * as z from 'zod';
import { labelSelectorSchema, listOf, metadataSchema, rawObjectSchema } from './schema.ts';

/** Nodes, and the controllers whose desired state an action changes; leniently, as in `schema.ts`. */
export const nodeSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: z.object({ unschedulable: z.boolean().optional(), taints: listOf(rawObjectSchema) }).default({ taints: [] }),
  }),
);
export type NodeObject = z.infer<typeof nodeSchema>;

/** A pod template as it was read: it is put back as it was, and compared as a whole. */
export type Template = z.infer<typeof rawObjectSchema>;

const conditionSchema = z.lazy(() => z.object({ type: z.string(), status: z.string(), reason: z.string().optional() }));

export const workloadSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: z.object({
      replicas: z.number().int().optional(),
      paused: z.boolean().optional(),
      suspend: z.boolean().optional(),
      selector: labelSelectorSchema.optional(),
      template: rawObjectSchema.optional(),
    }),
    status: z
      .object({
        observedGeneration: z.number().optional(),
        replicas: z.number().int().optional(),
        updatedReplicas: z.number().int().optional(),
        availableReplicas: z.number().int().optional(),
        currentNumberScheduled: z.number().int().optional(),
        conditions: listOf(conditionSchema),
      })
      .optional(),
  }),
);
export type WorkloadObject = z.infer<typeof workloadSchema>;

export const jobSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: z.object({ suspend: z.boolean().optional() }),
    status: z.object({ active: z.number().int().default(0), conditions: listOf(conditionSchema) }).optional(),
  }),
);
export type JobObject = z.infer<typeof jobSchema>;

export const scaleSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    // The server leaves zeros out.
    spec: z.object({ replicas: z.number().int().default(0) }).default({ replicas: 0 }),
    status: z.object({ replicas: z.number().int().default(0) }).default({ replicas: 0 }),
  }),
);
export type Scale = z.infer<typeof scaleSchema>;

/** HorizontalPodAutoscaler (autoscaling/v2) and ScaledObject of KEDA (keda.sh/v1alpha1): what they scale. */
export const scalerSchema = z.lazy(() =>
  z.object({
    metadata: metadataSchema,
    spec: z.object({ scaleTargetRef: z.object({ kind: z.string().default('Deployment'), name: z.string() }) }),
  }),
);
export type ScalerObject = z.infer<typeof scalerSchema>;

const imagesSchema = z.lazy(() => {
  const containers = listOf(z.object({ name: z.string(), image: z.string().optional() }));
  return z.object({ spec: z.object({ initContainers: containers, containers }) });
});

/** The images of a template, with the container each is for. */
export function imagesOf(template: Template): readonly { readonly container: string; readonly image: string }[] {
  const { data } = imagesSchema.safeParse(template);
  return [...(data?.spec.initContainers ?? []), ...(data?.spec.containers ?? [])].map(({ name, image }) => ({
    container: name,
    image: image ?? '',
  }));
}
