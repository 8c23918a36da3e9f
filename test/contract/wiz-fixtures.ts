import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { normalize } from '../../connectors/cwpp/wiz/map.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';

const FIXTURES = new URL('../fixtures/wiz/', import.meta.url);
const STORY = new URL('../../local/sandbox/scenarios/container-escape/webhooks/', import.meta.url);

export type Json = Readonly<Record<string, unknown>>;

export function fixtureNames(folder: 'push' | 'api'): string[] {
  return readdirSync(new URL(`${folder}/`, FIXTURES)).map((name) => `${folder}/${name}`);
}

export function fixtureText(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

export function fixture(name: string): Json {
  return JSON.parse(fixtureText(name));
}

export function storyText(name: string): string {
  return readFileSync(new URL(`${name}.json`, STORY), 'utf8');
}

export function story(name: string): Json {
  return JSON.parse(storyText(name));
}

export function deliveryOf(text: string, receivedAt = '2026-08-01T00:00:00.000Z') {
  return { sha256: createHash('sha256').update(text).digest('hex'), bytes: Buffer.byteLength(text), receivedAt };
}

/** A body as it is delivered. */
export function read(body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return normalize(text, deliveryOf(text));
}

/** The findings of bodies that are understood. */
export function findingsOf(...bodies: readonly unknown[]): NormalizedFinding[] {
  return bodies.flatMap((body) => {
    const made = read(body);
    if (!made.ok) throw new Error(made.reason);
    return made.findings;
  });
}
