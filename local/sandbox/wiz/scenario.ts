import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const records = z.array(z.looseObject({}));
const credentialSchema = z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) });

export type WizRecord = Readonly<Record<string, unknown>>;
const LISTS = {
  issues: 'issues',
  detections: 'detections',
  cloudEvents: 'cloud-events',
  vulnerabilityFindings: 'vulnerability-findings',
  networkExposures: 'network-exposures',
  configurationFindings: 'configuration-findings',
  securityFrameworks: 'security-frameworks',
  graph: 'graph',
} as const;
export type WizList = keyof typeof LISTS;

/** What a tenant holds: records as the API shows them, newer fields included, and the one service account it accepts. */
export interface WizScenario extends Readonly<Record<WizList, readonly WizRecord[]>> {
  readonly credentials: z.infer<typeof credentialSchema>;
}

/** The tenant of a scenario, from its folder `wiz/`; a list without a file is empty. */
export function wizScenario(folder: URL): WizScenario {
  const read = (name: string): unknown => {
    const file = new URL(`${name}.json`, folder);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  };
  const list = (name: WizList): WizRecord[] => records.parse(read(LISTS[name]));
  return {
    credentials: credentialSchema.parse(read('credentials')),
    issues: list('issues'),
    detections: list('detections'),
    cloudEvents: list('cloudEvents'),
    vulnerabilityFindings: list('vulnerabilityFindings'),
    networkExposures: list('networkExposures'),
    configurationFindings: list('configurationFindings'),
    securityFrameworks: list('securityFrameworks'),
    graph: list('graph'),
  };
}
