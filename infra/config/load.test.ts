import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../domain/config/parse.ts';
import { firstJsonError } from './json-position.ts';
import { configurationJsonSchemaText, JSON_SCHEMA_FILE } from './json-schema.ts';
import { loadConfiguration } from './load.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const sample = readFileSync(join(ROOT, 'parapet.config.json'), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusal(text: string, environment: NodeJS.ProcessEnv = {}): ConfigurationError {
  writeFileSync(join(folder, 'parapet.config.json'), text);
  try {
    loadConfiguration({ root: folder, environment });
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfiguration', () => {
  it('reads the sample as it is - the laptop run starts without editing anything', () => {
    const { clusters, rollout, deployment } = loadConfiguration({ root: ROOT, environment: {} });
    expect({ cluster: clusters[0]?.name, phase: rollout[0]?.phase, retainData: deployment.retainData }).toEqual({
      cluster: 'prod-eks',
      phase: 'assist',
      retainData: false,
    });
  });

  it('reads the file PARAPET_CONFIG names - two environments are two files of one checkout', () => {
    const changed = { ...JSON.parse(sample), deployment: { name: 'staging' } };
    writeFileSync(join(folder, 'staging.json'), JSON.stringify(changed));
    const loaded = loadConfiguration({ root: folder, environment: { PARAPET_CONFIG: 'staging.json' } });
    expect(loaded.deployment.name).toBe('staging');
  });

  it('names path and reason of every mistake at once - one correction round is enough', () => {
    const changed = JSON.parse(sample);
    changed.clusters[0].server = 'http://203.0.113.9';
    changed.rollout[0].phase = 'autopilot';
    changed.clusters[0].namspace = 'payments';
    const { problems } = refusal(JSON.stringify(changed));
    expect(problems.map(({ path }) => path).sort()).toEqual(['clusters[0]', 'clusters[0].server', 'rollout[0].phase']);
    expect(problems.find(({ path }) => path === 'clusters[0]')?.reason).toContain('namspace');
  });

  it('names the line of a JSON mistake - Node 20 gives no position for a stray word', () => {
    expect(refusal('{\n  "deployment": {},\n  sources: {}\n}').message).toBe(
      'parapet.config.json is not JSON: line 3, column 3 has "sources: {}" where it cannot stand',
    );
  });

  it('says what to do when the file is missing, and keeps the cause', () => {
    const attempt = () => loadConfiguration({ root: folder, environment: {} });
    expect(attempt).toThrow('parapet.config.json does not exist; run this in the folder of the project');
    expect(attempt).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code: 'ENOENT' }) }));
  });
});

describe('firstJsonError', () => {
  it.each([
    ['{"a":1,}', 1, 8],
    ['{"a":1\n"b":2}', 2, 1],
    ['[1,\n2', 2, 2],
    ['{"a":01}', 1, 6],
    ['{}\n\nx', 3, 1],
    ['{"a":"\t"}', 1, 6],
    ['{"a":nul}', 1, 6],
    ['', 1, 1],
  ])('finds the mistake in %j at line %i, column %i', (text, line, column) => {
    expect(firstJsonError(text)).toMatchObject({ line, column });
  });

  it('accepts exactly what JSON.parse accepts - the two must never disagree', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.string(),
      fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, extra]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + extra + text.slice(place);
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect(firstJsonError(text) === undefined).toBe(parses);
      }),
    );
  });
});

describe('the JSON Schema of the configuration', () => {
  it('is the one the zod schema gives - an editor must not complete what the check refuses (npm run schemas)', () => {
    expect(readFileSync(join(ROOT, JSON_SCHEMA_FILE), 'utf8')).toBe(configurationJsonSchemaText());
  });
});
