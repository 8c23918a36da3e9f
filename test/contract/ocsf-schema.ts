import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const SCHEMA = new URL('../../schemas/ocsf-1.8.0-detection_finding.schema.json', import.meta.url);

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** What the OCSF 1.8.0 schema has against a Detection Finding; empty when it is valid. */
export function ocsfErrors(finding: unknown): string[] {
  return validate(finding)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
