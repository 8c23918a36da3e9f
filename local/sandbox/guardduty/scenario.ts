import { readFileSync } from 'node:fs';
import * as z from 'zod';

const detectorSchema = z.strictObject({ detectorId: z.string(), region: z.string() });
const findingsSchema = z.array(z.looseObject({ id: z.string(), updatedAt: z.string() }));

/** What GuardDuty holds in one account and region: findings as the wire has them. */
export interface GuardDutyScenario extends z.infer<typeof detectorSchema> {
  readonly findings: z.infer<typeof findingsSchema>;
}

/** From `local/sandbox/scenarios/<name>/guardduty/`. */
export function guardDutyScenario(folder: URL): GuardDutyScenario {
  const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8'));
  return { ...detectorSchema.parse(read('detector')), findings: findingsSchema.parse(read('findings')) };
}
