import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const FIXTURES = new URL('../fixtures/prisma-cloud-compute/', import.meta.url);

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

export { ocsfErrors } from './ocsf-schema.ts';
