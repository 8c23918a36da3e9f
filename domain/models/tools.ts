import * as z from 'zod';
import { type EvidencePartName, evidenceDraftSchema } from '../evidence/pack.ts';

/**
 * What a model may look up. A parameter is the id of an entity of the pack or one word of a fixed list: no free text leaves
 * through a tool, and code, not the model, knows what an id stands for. No tool writes.
 */

const entity = z.string().regex(/^N[1-9]\d{0,3}$/);

export const LOOK_UP_WINDOWS = ['1d', '7d', '30d'] as const;
export const SHARED_TRAITS = ['image', 'technique', 'hash', 'address', 'rule', 'workload'] as const;

export const lookUpCallSchema = z.lazy(() =>
  z.discriminatedUnion('tool', [
    z.strictObject({ tool: z.literal('process_tree'), entity }),
    z.strictObject({ tool: z.literal('network_peers'), entity }),
    z.strictObject({ tool: z.literal('image_vulnerabilities'), entity }),
    z.strictObject({ tool: z.literal('threat_intelligence'), entity }),
    z.strictObject({ tool: z.literal('identity_permissions'), entity }),
    z.strictObject({ tool: z.literal('workload_history'), entity, window: z.enum(LOOK_UP_WINDOWS) }),
    z.strictObject({ tool: z.literal('similar_incidents'), shared: z.enum(SHARED_TRAITS) }),
    z.strictObject({ tool: z.literal('recent_deployments'), entity }),
  ]),
);
export type LookUpCall = z.infer<typeof lookUpCallSchema>;
export type LookUpTool = LookUpCall['tool'];

/** The part of the evidence to which an answer belongs. */
export const LOOK_UP_PARTS: Readonly<Record<LookUpTool, EvidencePartName>> = {
  process_tree: 'runtime-activity',
  network_peers: 'network',
  image_vulnerabilities: 'vulnerabilities',
  threat_intelligence: 'threat-intel',
  identity_permissions: 'identity',
  workload_history: 'baseline',
  similar_incidents: 'history',
  recent_deployments: 'recent-deployments',
};

/** -> look-up. The pack is named by key and digest, so that an id means the same thing on both sides. */
export const lookUpInputSchema = z.lazy(() =>
  z.object({ incidentId: z.string(), packKey: z.string(), packSha256: z.string(), call: lookUpCallSchema }),
);
export type LookUpInput = z.infer<typeof lookUpInputSchema>;

/** look-up -> who asked. A source that does not answer is a gap among the drafts; `refused`: the question makes no sense. */
export const lookUpOutputSchema = z.lazy(() =>
  z.discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('answered'),
      drafts: z.array(evidenceDraftSchema),
      cost: z.object({ calls: z.number().int(), bytes: z.number().int(), milliseconds: z.number() }),
    }),
    z.object({ outcome: z.literal('refused'), reason: z.string() }),
  ]),
);
export type LookUpOutput = z.infer<typeof lookUpOutputSchema>;
