import { readFileSync } from 'node:fs';
import type { Configuration } from '../../domain/config/schema.ts';

/** A setting the deployment should have given is missing: a deployment fault, not an input fault. */
export class MissingSettingError extends Error {
  override readonly name = 'MissingSettingError';
}

/** Every environment variable a function may read; infra sets exactly the ones a function is given. */
export const VARIABLES = [
  'INCIDENTS_TABLE',
  'DEDUPLICATION_TABLE',
  'APPROVALS_TABLE',
  'AUDIT_TABLE',
  'EVIDENCE_BUCKET',
  'ANCHOR_BUCKET',
  'BUS_NAME',
  'PEOPLE_EDGE_URL',
  'ANCHOR_KEY_ID',
  'COLLECT_QUEUE_ARN',
  'WIZ_QUEUE_ARN',
  'FALCO_QUEUE_ARN',
  'LOOK_UP_FUNCTION',
] as const;
export type Variable = (typeof VARIABLES)[number];

/** @throws MissingSettingError naming the variable */
export function required(name: Variable, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name];
  if (value) return value;
  throw new MissingSettingError(`environment variable ${name} is not set; deploy the stack again`);
}

/** A setting that only some deployments give. */
export function optional(name: Variable, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment[name] || undefined;
}

/**
 * The configuration this bundle was built with: `parapet.config.json` lies beside the handler (infra/bundle.ts puts it
 * there), because Lambda's environment ends at 4 KB and a parameter store would be one more round trip at cold start.
 * What lies there is the parsed form that synth validated, part of the same asset as this code; it is not parsed a second
 * time, because the schema alone costs 17 ms of every cold start (docs/decisions/0002).
 */
export function bundledConfiguration(): Configuration {
  return JSON.parse(readFileSync(new URL('./parapet.config.json', import.meta.url), 'utf8'));
}
