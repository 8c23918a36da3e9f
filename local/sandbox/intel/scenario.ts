import { readFileSync } from 'node:fs';
import * as z from 'zod';

const record = z.record(z.string(), z.unknown());
const reputationSchema = z.strictObject({
  keys: z.strictObject({
    virustotal: z.string(),
    abuseipdb: z.string(),
    greynoise: z.string(),
    otx: z.string(),
  }),
  virustotal: z.record(z.string(), record),
  abuseipdb: z.record(z.string(), record),
  greynoise: z.record(z.string(), record),
  otx: z.record(z.string(), record),
});

/** What the sources hold, and the key each of the keyed ones accepts. */
export interface IntelScenario extends z.infer<typeof reputationSchema> {
  readonly kev: Readonly<Record<string, unknown>>;
  readonly epss: readonly z.infer<typeof epssRow>[];
  readonly osv: readonly z.infer<typeof osvRecord>[];
}

const epssRow = z.looseObject({ cve: z.string() });
const osvRecord = z.looseObject({ id: z.string() });

/** From `local/sandbox/scenarios/<name>/intel/`. */
export function intelScenario(name = 'crypto-miner'): IntelScenario {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(new URL(`../scenarios/${name}/intel/${file}.json`, import.meta.url), 'utf8'));
  return {
    ...reputationSchema.parse(read('reputation')),
    kev: record.parse(read('kev')),
    epss: z.array(epssRow).parse(read('epss')),
    osv: z.array(osvRecord).parse(read('osv')),
  };
}
