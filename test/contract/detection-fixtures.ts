import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { DeliveryContext } from '../../connectors/cwpp/delivery.ts';
import {
  detectionFindingSchema,
  type Normalization,
  type NormalizedFinding,
  normalizedFindingSchema,
} from '../../domain/ocsf/detection-finding.ts';
import type { Channel } from '../../domain/source.ts';

const SCHEMA = new URL('../../schemas/ocsf-1.8.0-detection_finding.schema.json', import.meta.url);
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

export const RECEIVED = '2026-01-01T00:00:00.000Z';

/** The bodies below a folder of this repository, by name. */
export function bodiesIn(folder: string): readonly (readonly [name: string, text: string])[] {
  const url = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((name) => name !== 'SOURCES.md')
    .map((name) => [name, readFileSync(new URL(name, url), 'utf8')] as const);
}

export function deliveryOf(text: string, channel: Channel = 'webhook'): DeliveryContext {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { sha256, bytes: Buffer.byteLength(text), receivedAt: RECEIVED, channel };
}

/** Valid findings or a sentence; nothing else is an answer. */
export function expectAnswer(made: Normalization): void {
  if (!made.ok) {
    expect(made.reason.length).toBeGreaterThan(10);
    expect(made.reason).not.toMatch(/expected nonoptional|\[object/);
    return;
  }
  for (const found of made.findings) {
    expect(validate(found.finding) ? [] : validate.errors).toEqual([]);
    expect(normalizedFindingSchema.parse(found)).toEqual(found);
    // Nothing is written that the contract would strip.
    expect(detectionFindingSchema.parse(found.finding)).toEqual(found.finding);
    expect(JSON.stringify(found).length).toBeLessThan(400_000);
  }
}

export function findingsOf(made: Normalization): readonly NormalizedFinding[] {
  if (!made.ok) throw new Error(made.reason);
  return made.findings;
}

export function onlyFinding(made: Normalization): NormalizedFinding {
  const [first, ...rest] = findingsOf(made);
  if (!first || rest.length > 0) throw new Error('expected one finding');
  return first;
}
