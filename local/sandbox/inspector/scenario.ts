import { readFileSync } from 'node:fs';
import * as z from 'zod';

const findingsSchema = z.array(z.looseObject({ findingArn: z.string() }));
const detailsSchema = z.array(z.looseObject({ findingArn: z.string() }));
const vulnerabilitiesSchema = z.array(z.looseObject({ id: z.string() }));
const clustersSchema = z.array(z.strictObject({ resourceId: z.string(), cluster: z.array(z.unknown()) }));

/** What Inspector holds in one account and region, as the wire has it. */
export interface InspectorScenario {
  readonly region: string;
  readonly findings: z.infer<typeof findingsSchema>;
  readonly details: z.infer<typeof detailsSchema>;
  readonly vulnerabilities: z.infer<typeof vulnerabilitiesSchema>;
  /** By the id of the image. */
  readonly clusters: z.infer<typeof clustersSchema>;
}

/** From `local/sandbox/scenarios/<name>/inspector/`. */
export function inspectorScenario(folder: URL): InspectorScenario {
  const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8'));
  return {
    region: 'us-east-1',
    findings: findingsSchema.parse(read('findings')),
    details: detailsSchema.parse(read('details')),
    vulnerabilities: vulnerabilitiesSchema.parse(read('vulnerabilities')),
    clusters: clustersSchema.parse(read('clusters')),
  };
}
