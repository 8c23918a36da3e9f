import { readFileSync } from 'node:fs';
import * as z from 'zod';

const records = z.array(z.looseObject({}));
const credentialSchema = z.strictObject({ username: z.string().min(1), password: z.string().min(1) });

/** What a console holds: records as the API shows them, and the one credential it accepts. */
export interface ComputeScenario {
  readonly credentials: z.infer<typeof credentialSchema>;
  readonly incidents: readonly ComputeRecord[];
  readonly containerAudits: readonly ComputeRecord[];
  readonly hostAudits: readonly ComputeRecord[];
  readonly firewallAudits: readonly ComputeRecord[];
  readonly hostFirewallAudits: readonly ComputeRecord[];
  readonly admissionAudits: readonly ComputeRecord[];
  readonly containers: readonly ComputeRecord[];
  readonly images: readonly ComputeRecord[];
  readonly profiles: readonly ComputeRecord[];
  readonly forensic: readonly ComputeRecord[];
}
export type ComputeRecord = Readonly<Record<string, unknown>>;

/** The console of a scenario, from `local/sandbox/scenarios/<name>/compute/`. */
export function computeScenario(name = 'crypto-miner'): ComputeScenario {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(new URL(`../scenarios/${name}/compute/${file}.json`, import.meta.url), 'utf8'));
  return {
    credentials: credentialSchema.parse(read('credentials')),
    incidents: records.parse(read('incidents')),
    containerAudits: records.parse(read('container-audits')),
    hostAudits: records.parse(read('host-audits')),
    // No scenario is about them; a test adds its own.
    firewallAudits: [],
    hostFirewallAudits: [],
    admissionAudits: [],
    containers: records.parse(read('containers')),
    images: records.parse(read('images')),
    profiles: records.parse(read('profiles')),
    forensic: records.parse(read('forensic')),
  };
}
