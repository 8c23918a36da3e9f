import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from './functions/names.ts';
import { verbOf } from './testing/permissions.ts';
import { synthesise } from './testing/synthesise.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../functions');

/** Variables a function asks for: composition is the one place that reads the environment. */
function askedBy(verb: string): string[] {
  const files = readdirSync(join(FUNCTIONS, verb)).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
  );
  const text = files.map((file) => readFileSync(join(FUNCTIONS, verb, file), 'utf8')).join('\n');
  return [...new Set([...text.matchAll(/required\('([A-Z_]+)'/g)].map(([, name]) => name ?? ''))].sort();
}

describe('the environment of the functions', () => {
  const given = new Map(
    Object.values(synthesise().findResources('AWS::Lambda::Function')).map(({ Properties }) => [
      verbOf(Properties.FunctionName),
      Object.keys(Properties.Environment?.Variables ?? {}).sort(),
    ]),
  );

  it.each(FUNCTION_NAMES)(
    'gives %s every variable it asks for, and none it does not - a variable comes with its right',
    (verb) => {
      expect(given.get(verb)).toEqual(askedBy(verb));
    },
  );
});
