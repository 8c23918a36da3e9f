import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapperFor } from '../../connectors/cwpp/registry.ts';
import { usualChannel } from '../../domain/config/channels.ts';
import { type Normalization, normalizedFindingSchema } from '../../domain/ocsf/detection-finding.ts';
import { SOURCES, type Source } from '../../domain/source.ts';
import { ocsfErrors } from '../contract/ocsf-schema.ts';
import { mutated, seeded } from './mutations.ts';

/** 100,000 in all, shared by the sources; PARAPET_FUZZ multiplies it and PARAPET_FUZZ_SEED plays other ones. */
const FACTOR = Number(process.env['PARAPET_FUZZ'] ?? 1);
/** A mapping that fails on its body is interpreted, which is much slower than our own mappers, so it gets fewer. */
const countOf = (source: Source): number => Math.ceil((source === 'generic' ? 4_000 : 14_300) * FACTOR);
const SEED = Number(process.env['PARAPET_FUZZ_SEED'] ?? 20_261_122);

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const EXAMPLES = join(import.meta.dirname, '../../connectors/cwpp/generic/examples');

function samplesOf(source: Source): readonly unknown[] {
  const folder = source === 'generic' ? EXAMPLES : join(FIXTURES, source);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !/expected|invalid/.test(name))
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name), 'utf8'))];
      } catch {
        // Some real bodies are not JSON; the mappers' own tests read those.
        return [];
      }
    });
}

function mapping(): string | undefined {
  const file = readdirSync(EXAMPLES).find((name) => name.endsWith('.jsonata'));
  return file === undefined ? undefined : readFileSync(join(EXAMPLES, file), 'utf8');
}

/** @returns how many valid findings there were */
function judge(made: Normalization, where: string): number {
  if (!made.ok) {
    if (made.reason === '') throw new Error(`no reason for ${where}`);
    return 0;
  }
  for (const one of made.findings) {
    const wrong = [...ocsfErrors(one.finding), ...(normalizedFindingSchema.safeParse(one).error?.issues ?? [])];
    if (wrong.length > 0) throw new Error(`${JSON.stringify(wrong)} of ${where}`);
  }
  return made.findings.length;
}

describe('mutated real alerts', () => {
  it.each(SOURCES)(
    'of %s give valid findings or a reason, whatever is wrong with them',
    { timeout: 240_000 },
    async (source) => {
      const samples = samplesOf(source);
      const random = seeded(SEED);
      const { normalize } = mapperFor(source);
      const context = {
        sha256: 'ab'.repeat(32),
        bytes: 1,
        receivedAt: '2026-01-01T00:00:00.000Z',
        channel: usualChannel(source),
        mapping: source === 'generic' ? mapping() : undefined,
      };
      const count = countOf(source);
      let found = 0;
      for (let round = 0; round < count; round += 1) {
        const text = mutated(samples[round % samples.length], random);
        found += judge(await normalize(text, context), `round ${round}: ${text}`);
      }
      // Otherwise only refusals would have been tested.
      expect(found).toBeGreaterThan(count / 20);
    },
  );
});
