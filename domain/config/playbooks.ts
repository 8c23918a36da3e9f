import * as z from 'zod';
import { scopeSchema } from './fields.ts';

const entry = {
  scope: scopeSchema.default({}).describe('Where it may act by itself; the rollout phase there must be automate too.'),
  maxPerHour: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(5)
    .describe(
      'Executions in one hour of the clock (UTC), over all entries of this playbook; beyond it people are asked.',
    ),
};

const dormantKeySchema = z.strictObject({
  name: z.literal('dormant-key'),
  ...entry,
  unusedForDays: z
    .number()
    .int()
    .min(30)
    .max(3650)
    .default(90)
    .describe('How long IAM must know of no use of the key; asked again right before it is deactivated.'),
});

const orphanedBucketSchema = z.strictObject({ name: z.literal('orphaned-bucket'), ...entry });

const quarantineMinerSchema = z.strictObject({
  name: z.literal('quarantine-miner'),
  ...entry,
  leastReplicas: z.number().int().min(2).max(1000).default(2).describe('Replicas the workload must have, at least.'),
});

/** What may act without a person, by name. */
export const playbooksSchema = z.lazy(() =>
  z.array(z.discriminatedUnion('name', [dormantKeySchema, orphanedBucketSchema, quarantineMinerSchema])),
);
export type PlaybookEntry = z.infer<typeof playbooksSchema>[number];
export type PlaybookName = PlaybookEntry['name'];

/** Over all playbooks together. */
export const automaticPerHour = z
  .number()
  .int()
  .min(1)
  .max(200)
  .default(10)
  .describe(
    'Executions without a person in one hour of the clock (UTC), over all playbooks; beyond it people are asked.',
  );
