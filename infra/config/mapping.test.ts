import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../domain/config/parse.ts';
import { sampleConfiguration, writtenConfiguration } from '../../test/fakes/configuration.ts';
import { loadConfiguration } from './load.ts';
import { mappingNote } from './mapping.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parapet-mapping-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(generic: Readonly<Record<string, unknown>>) {
  const webhook = { secret: 'parapet/generic/webhook', allowedNetworks: ['203.0.113.0/24'] };
  const written = writtenConfiguration({ sources: { generic: { webhook, ...generic } } });
  mkdirSync(join(folder, 'settings'), { recursive: true });
  writeFileSync(join(folder, 'settings', 'parapet.json'), JSON.stringify(written));
  return loadConfiguration({ root: folder, environment: { PARAPET_CONFIG: 'settings/parapet.json' } }).sources.generic;
}

function problem(generic: Readonly<Record<string, unknown>>) {
  try {
    load(generic);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('the mapping file of the generic source', () => {
  it('is found beside the configuration, wherever the command was typed, and its text goes into the configuration', () => {
    mkdirSync(join(folder, 'settings'), { recursive: true });
    writeFileSync(join(folder, 'settings', 'map.jsonata'), '{ "title": name }');
    expect(load({ mappingFile: 'map.jsonata' })).toMatchObject({ mapping: '{ "title": name }' });
  });

  it('is not looked for again when its text is there already - a loaded configuration may be written elsewhere', () => {
    expect(load({ mappingFile: 'gone.jsonata', mapping: '{ "title": name }' })).toMatchObject({
      mapping: '{ "title": name }',
    });
  });

  it('is named with the reason when it must be interpreted, and not named when it is compiled', () => {
    const sample = sampleConfiguration();
    const noteOf = (mapping: string) => {
      const generic = load({ mappingFile: 'map.jsonata', mapping });
      return mappingNote({ ...sample, sources: { ...sample.sources, generic } });
    };
    expect(mappingNote(sample)).toBeUndefined();
    expect(noteOf('events.{ "title": name }')).toBeUndefined();
    expect(noteOf('events#$i.{ "title": name, "uid": $i }')).toBe(
      'sources.generic.mappingFile: map.jsonata: the mapping is interpreted, which is many times slower than compiled: it uses %, @ or #',
    );
  });

  it.each([
    ['{ "title": name', /line 1\)$/],
    ['(\n  $x := 1;\n  $x +\n)', /line [34]\)$/],
    ['$eval(body)', /\$eval may not be used/],
    ['{ "time": $now() }', /\$now may not be used/],
    ['$match(name, /(a+)+$/)', /repeats a repetition/],
  ])('with the text %j is refused at synth, with the field and the reason', (text, reason) => {
    mkdirSync(join(folder, 'settings'), { recursive: true });
    writeFileSync(join(folder, 'settings', 'map.jsonata'), text);
    expect(problem({ mappingFile: 'map.jsonata' })).toEqual([
      { path: 'sources.generic.mappingFile', reason: expect.stringMatching(/^map\.jsonata: /) },
    ]);
    expect(problem({ mappingFile: 'map.jsonata' })[0]?.reason).toMatch(reason);
  });

  it('that is missing is named with the place where it was looked for; no other place is tried', () => {
    writeFileSync(join(folder, 'map.jsonata'), '{}');
    expect(problem({ mappingFile: 'map.jsonata' })).toEqual([
      {
        path: 'sources.generic.mappingFile',
        reason: `map.jsonata cannot be read (looked for at ${join(folder, 'settings', 'map.jsonata')}, beside the configuration): it does not exist`,
      },
    ]);
  });
});
