import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync, type Metafile } from 'esbuild';
import type { Configuration } from '../domain/config/schema.ts';
import { canonicalJson } from '../domain/json/canonical.ts';
import { FUNCTION_NAMES, type FunctionName } from './functions/names.ts';

/** One function, ready to be an asset: a folder with `index.mjs` and `parapet.config.json`. */
export interface FunctionBundle {
  readonly name: FunctionName;
  readonly directory: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

export interface Bundles {
  readonly functions: readonly FunctionBundle[];
  /** esbuild's account of what went into each bundle. */
  readonly metafile: Metafile;
}

/** A function of the catalogue has no entry file. */
export class MissingEntryError extends Error {
  override readonly name = 'MissingEntryError';
}

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Bundles every function in one esbuild call (docs/decisions/0005) and writes the configuration beside each (0002).
 * Equal sources and configuration give equal bytes, so that an unchanged function keeps its asset hash.
 * Source maps go to `source-maps/` beside the functions: for a person reading a stack trace, not for upload.
 * @throws MissingEntryError naming every missing entry
 */
export function bundleFunctions(options: {
  readonly configuration: Configuration;
  /** Where `functions/` and `node_modules/` are; tests name a folder of their own. */
  readonly root?: string;
  readonly outdir?: string;
  readonly names?: readonly FunctionName[];
}): Bundles {
  const { configuration, root = ROOT, names = FUNCTION_NAMES } = options;
  const outdir = options.outdir ?? join(root, 'dist');
  requireEntries(root, names);
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: entryOf(name), out: join('functions', name, 'index') })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    // Names of functions stay in stack traces; error classes are told apart by name after serialisation.
    keepNames: true,
    sourcemap: 'external',
    // The sources are in the checkout of the same commit; copying them into every map costs a second and a half.
    sourcesContent: false,
    legalComments: 'none',
    platform: 'node',
    // Lambda runs Node 24, but on a laptop the emulator runs the same bundle with the Node that is installed there.
    target: 'node20.12',
    format: 'esm',
    // The SDK's ES modules instead of its CommonJS build: only those can be tree-shaken.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    // CommonJS dependencies (of the Powertools and the SDK) call require for Node's own modules; an ES module has none.
    banner: {
      js: "import { createRequire as parapetCreateRequire } from 'node:module';const require=parapetCreateRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return { functions: writeBundles(outdir, names, outputFiles, canonicalJson(configuration)), metafile };
}

function entryOf(name: FunctionName): string {
  return join('functions', name, 'handler.ts');
}

function requireEntries(root: string, names: readonly FunctionName[]): void {
  const missing = names.map(entryOf).filter((entry) => !existsSync(join(root, entry)));
  if (missing.length > 0) {
    throw new MissingEntryError(
      `no entry file for ${missing.length} of ${names.length} functions: ${missing.join(', ')}`,
    );
  }
}

function writeBundles(
  outdir: string,
  names: readonly FunctionName[],
  files: readonly { readonly path: string; readonly contents: Uint8Array }[],
  configuration: string,
): FunctionBundle[] {
  const byPath = new Map(files.map(({ path, contents }) => [path, contents]));
  // A file of an earlier build would change the hash of the asset.
  rmSync(join(outdir, 'functions'), { recursive: true, force: true });
  mkdirSync(join(outdir, 'source-maps'), { recursive: true });
  return names.map((name) => {
    const directory = join(outdir, 'functions', name);
    const code = byPath.get(join(directory, 'index.mjs'));
    const map = byPath.get(join(directory, 'index.mjs.map'));
    if (!code || !map) throw new Error(`esbuild gave no bundle for ${name}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'index.mjs'), code);
    writeFileSync(join(directory, 'parapet.config.json'), configuration);
    writeFileSync(join(outdir, 'source-maps', `${name}.mjs.map`), map);
    return { name, directory, bytes: code.length, gzipBytes: gzipSync(code).length };
  });
}
