import * as z from 'zod';

export const PLAYBOOK_NAMES = ['dormant-key', 'orphaned-bucket', 'quarantine-miner'] as const;

/** One condition of a playbook, and the evidence it was found to hold on. */
export const conditionSchema = z.object({ what: z.string(), holds: z.boolean(), evidence: z.array(z.string()) });
export type Condition = z.infer<typeof conditionSchema>;

/**
 * What a playbook says of one action: it would act by itself if every condition holds. It is kept with the plan in every phase, so
 * that what it would have done can be held against what people did (agreement.ts).
 */
export const assessmentSchema = z.lazy(() =>
  z.object({ playbook: z.enum(PLAYBOOK_NAMES), holds: z.boolean(), conditions: z.array(conditionSchema) }),
);
export type Assessment = z.infer<typeof assessmentSchema>;
