import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import type { AwsCredentials } from '../../connectors/aws/signature.ts';
import type { DeliveryContext } from '../../connectors/cwpp/aws/context.ts';
import { realHttp } from '../../connectors/http/request.ts';
import type { FactKind, FactOf } from '../../domain/evidence/fact.ts';
import type { EvidenceDraft } from '../../domain/evidence/pack.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const SCENARIOS = new URL('../../local/sandbox/scenarios/', import.meta.url);

export const RECEIVED_AT = '2025-10-22T00:00:00.000Z';
/** Invented; the sandbox of a test makes each signature again with it. */
export const CREDENTIALS: AwsCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session/of+a+role==',
};

export function fixtureText(source: 'guardduty' | 'inspector', name: string): string {
  return readFileSync(new URL(`${source}/${name}`, FIXTURES), 'utf8');
}

export function fixtureNames(source: 'guardduty' | 'inspector', folder: 'push' | 'api' | 'samples'): string[] {
  return readdirSync(new URL(`${source}/${folder}/`, FIXTURES)).map((name) => `${folder}/${name}`);
}

export function scenarioText(name: string): string {
  return readFileSync(new URL(name, SCENARIOS), 'utf8');
}

export function scenarioFolder(name: string): URL {
  return new URL(`${name}/`, SCENARIOS);
}

export function deliveryOf(text: string, channel: DeliveryContext['channel'] = 'event-bus'): DeliveryContext {
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: Buffer.byteLength(text),
    receivedAt: RECEIVED_AT,
    channel,
  };
}

const objectSchema = z.record(z.string(), z.unknown());

/** An event with parts of its detail replaced. */
export function changed(text: string, detail: Readonly<Record<string, unknown>>): string {
  const event = objectSchema.parse(JSON.parse(text));
  return JSON.stringify({ ...event, detail: { ...objectSchema.parse(event['detail']), ...detail } });
}

export function detailOf(text: string): Record<string, unknown> {
  return objectSchema.parse(objectSchema.parse(JSON.parse(text))['detail']);
}

/** HTTP that waits for nothing but the server. */
export const quickHttp = { ...realHttp, sleep: async () => undefined, random: () => 0.5 };

export function facts<K extends FactKind>(drafts: readonly EvidenceDraft[], kind: K): FactOf<K>[] {
  const isKind = (fact: EvidenceDraft['fact']): fact is FactOf<K> => fact.kind === kind;
  return drafts.map(({ fact }) => fact).filter(isKind);
}
