import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { importsBelow, PROJECT } from './cruise.ts';
import { importsOf } from './imports.ts';

const quoted = (text: string) => text.replaceAll('@', "'");

describe('importsOf', () => {
  it.each([
    ['a value', 'import { a } from @./a.ts@;'],
    ['a type, because a type is a dependency too', 'import type { A } from @./a.ts@;'],
    ['a mixed clause', 'import b, { type A, c as d } from @./a.ts@;'],
    ['a namespace', 'import * as z from @./a.ts@;'],
    ['a side effect', 'import @./a.ts@;'],
    ['a clause over several lines', 'import {\n  a,\n  type B,\n} from @./a.ts@;'],
    ['what is passed on', 'export { a } from @./a.ts@;'],
    ['everything that is passed on', 'export * from @./a.ts@;'],
    ['types that are passed on', 'export type { A } from @./a.ts@;'],
    ['an import at run time', 'const a = await import(@./a.ts@);'],
    ['a type that names its file', 'let a: import(@./a.ts@).A;'],
    ['a require', 'const a = createRequire(url); require(@./a.ts@);'],
    ['an import with attributes', 'import data from @./a.ts@ with { type: @json@ };'],
    ['the second import of a line', 'import x from @./a.ts@; import y from @./a.ts@;'],
  ])('sees %s', (_what, source) => {
    expect(importsOf(quoted(source))).toEqual(['./a.ts']);
  });

  it.each([
    ['a comment', '// import { a } from @./a.ts@;\n/*\nimport { a } from @./a.ts@;\n*/'],
    ['a template literal', 'const text = `\nimport { a } from @./a.ts@;\n`;'],
    ['a text with the words in it', 'const text = "\\nimport { a } from ./a.ts";'],
    ['an export that has no origin', 'export const from = @./a.ts@;\nexport function from2() { return @./a.ts@; }'],
  ])('does not take %s for an import', (_what, source) => {
    expect(importsOf(quoted(source))).toEqual([]);
  });

  it('misses no import that the bundler finds in any file of the repository', async () => {
    const files = [...importsBelow(PROJECT).keys()];
    const { metafile } = await build({
      absWorkingDir: PROJECT,
      entryPoints: files,
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unused',
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
      loader: { '.node': 'empty' },
    });
    const missed = files.flatMap((file) => {
      const ours = importsOf(readFileSync(join(PROJECT, file), 'utf8'));
      return (metafile.inputs[file]?.imports ?? [])
        .map(({ original, path }) => original ?? path)
        .filter((specifier) => !ours.includes(specifier) && !specifier.includes('jsx-runtime'))
        .map((specifier) => `${file} -> ${specifier}`);
    });
    expect(missed).toEqual([]);
    expect(Object.values(metafile.inputs).flatMap(({ imports }) => imports).length).toBeGreaterThan(500);
    // The whole repository through the bundler, on a machine that may do other things beside it.
  }, 90_000);
});
