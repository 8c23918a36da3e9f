import * as z from 'zod';
import type { Story } from './stories.ts';
import type { World } from './world.ts';

const clusterSchema = z.object({
  pods: z.array(
    z.object({
      name: z.string(),
      uid: z.string(),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).default({}),
    }),
  ),
  networkPolicies: z.array(z.object({ metadata: z.object({ name: z.string(), namespace: z.string().optional() }) })),
  clusterRoleBindings: z.array(z.object({ metadata: z.object({ name: z.string() }) })),
  endpointSlices: z.array(
    z.object({
      namespace: z.string().optional(),
      endpoints: z.array(z.object({ targetRef: z.object({ name: z.string() }) })).default([]),
    }),
  ),
});

/** What the cluster says about a story's pod. */
export async function podFromOutside(world: World, { namespace, pod }: Story) {
  const view = clusterSchema.parse(await world.clusterView());
  return {
    labels: view.pods.find((one) => one.namespace === namespace && one.name === pod)?.labels ?? {},
    quarantinePolicies: view.networkPolicies.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.name.startsWith('parapet-quarantine'),
    ).length,
    inService: view.endpointSlices.some(
      (slice) => slice.namespace === namespace && slice.endpoints.some(({ targetRef }) => targetRef.name === pod),
    ),
    bindings: view.clusterRoleBindings.map(({ metadata }) => metadata.name),
  };
}
