import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const FIXTURES = new URL('../fixtures/prisma-cloud-compute/', import.meta.url);
const SCHEMA = new URL('../../schemas/ocsf-1.8.0-detection_finding.schema.json', import.meta.url);

export function fixtureText(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

export function fixture(name: string): unknown {
  return JSON.parse(fixtureText(name));
}

/** Names below the fixture folder, e.g. `push/incident-cryptominer.template-v1.json`. */
export function fixtureNames(folder: 'push' | 'invalid' | 'api'): string[] {
  return readdirSync(new URL(`${folder}/`, FIXTURES)).map((name) => `${folder}/${name}`);
}

export function deliveryOf(text: string, receivedAt = '2025-10-14T12:00:00.000Z') {
  return { sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text), receivedAt };
}

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** What the OCSF 1.8.0 schema has against a Detection Finding; empty when it is valid. */
export function ocsfErrors(finding: unknown): string[] {
  return validate(finding)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
