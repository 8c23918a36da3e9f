import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { normalize } from '../../connectors/cwpp/lacework/map.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import type { Channel } from '../../domain/source.ts';

const FIXTURES = new URL('../fixtures/lacework/', import.meta.url);
const STORY = new URL('../../local/sandbox/scenarios/build-agent/', import.meta.url);

export const PUSH_FOLDERS = ['webhook', 'eventbridge', 'synthetic'] as const;

export function fixtureText(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

export function fixture(name: string): unknown {
  return JSON.parse(fixtureText(name));
}

export function fixtureNames(folder: (typeof PUSH_FOLDERS)[number] | 'api'): string[] {
  return readdirSync(new URL(`${folder}/`, FIXTURES)).map((name) => `${folder}/${name}`);
}

export function storyText(name: string): string {
  return readFileSync(new URL(name, STORY), 'utf8');
}

export const STORY_FOLDER = new URL('lacework/', STORY);

export function deliveryOf(text: string, channel: Channel = 'webhook', receivedAt = '2026-05-05T00:00:00.000Z') {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { sha256, bytes: Buffer.byteLength(text), receivedAt, channel };
}

export function read(text: string, channel: Channel = 'webhook') {
  return normalize(text, deliveryOf(text, channel));
}

/** Its findings; a test that expects some must not pass for want of any. */
export function findingsIn(text: string, channel: Channel = 'webhook'): readonly NormalizedFinding[] {
  const made = read(text, channel);
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

export function findingIn(text: string, channel: Channel = 'webhook'): NormalizedFinding {
  const [found, ...others] = findingsIn(text, channel);
  if (found === undefined || others.length > 0) throw new Error('expected exactly one finding');
  return found;
}
