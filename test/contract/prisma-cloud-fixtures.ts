import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const FIXTURES = new URL('../fixtures/prisma-cloud/', import.meta.url);
const SCENARIO = new URL('../../local/sandbox/scenarios/exposed-host/', import.meta.url);

export function fixtureText(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

export function fixture(name: string): unknown {
  return JSON.parse(fixtureText(name));
}

/** Names below the fixture folder, e.g. `push/batch.json`. */
export function fixtureNames(folder: 'push' | 'invalid' | 'api'): string[] {
  return readdirSync(new URL(`${folder}/`, FIXTURES)).map((name) => `${folder}/${name}`);
}

/** A file of the scenario, e.g. `webhooks/alerts.json`. */
export function scenarioText(name: string): string {
  return readFileSync(new URL(name, SCENARIO), 'utf8');
}

export function deliveryOf(text: string, receivedAt = '2025-10-14T12:00:00.000Z') {
  return { sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text), receivedAt };
}
