import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import type { Configuration } from '../domain/config/schema.ts';
import { canonicalJson } from '../domain/json/canonical.ts';
import { FUNCTION_NAMES, type FunctionName } from './functions/names.ts';

/** One function, ready to be an asset: a folder with `index.mjs`, perhaps chunks of it, and `parapet.config.json`. */
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
 * Ways to credentials that no function of Lambda goes, 80 KB of each asset with the clients they bring. The environment's stay,
 * and those of a container's address, which SnapStart uses.
 */
const NEVER_IN_LAMBDA = [
  ...['sso', 'ini', 'process', 'web-identity'].map((name) => `@aws-sdk/credential-provider-${name}`),
  // Bedrock's client takes bearer tokens too, among others those of an SSO session.
  '@aws-sdk/nested-clients/sso-oidc',
];
const NO_PROVIDER = join(import.meta.dirname, 'no-provider.ts');

/**
 * Bundles the functions, those without chunks in one esbuild call (docs/decisions/0005), and writes the configuration beside each (0002).
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
  const whole = names.filter((name) => !IN_CHUNKS.has(name));
  const builds = [
    ...(whole.length > 0 ? [build(root, outdir, whole)] : []),
    ...names.filter((name) => IN_CHUNKS.has(name)).map((name) => build(root, outdir, [name], name)),
  ];
  const files = builds.flatMap(({ outputFiles }) => outputFiles);
  const metafile = {
    inputs: Object.assign({}, ...builds.map((one) => one.metafile.inputs)),
    outputs: Object.assign({}, ...builds.map((one) => one.metafile.outputs)),
  };
  return { functions: writeBundles(outdir, names, files, canonicalJson(configuration)), metafile };
}

/**
 * Functions that load a part of themselves when it is needed: a source, a model, the rights of approvers in an account, large bodies, and of the SDK the ways to
 * credentials that a Lambda never goes. Each is built alone and in chunks, because chunks are shared between the entries of
 * one call, and an asset must be whole by itself. The others start fast enough in one file, and one call builds them all.
 */
const IN_CHUNKS: ReadonlySet<FunctionName> = new Set([
  'receive',
  'normalize',
  'claim-incident',
  'gather-cwpp',
  'gather-intel',
  'look-up',
  'analyze',
  'ask',
  'plan',
  'publish-chat',
  'post-digest',
  'request-approval',
  'decide',
  'slack-callback',
  'chase-approvals',
  'sign-in',
  'expire-approval',
  'execute',
  'verify',
  'roll-back',
  'plan-undo',
  'verify-undo',
  'conclude-undo',
  'watch',
  'conclude',
  'poll',
]);

function build(root: string, outdir: string, names: readonly FunctionName[], inChunks?: FunctionName) {
  return buildSync({
    ...bundleSettings(inChunks),
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: entryOf(name), out: join('functions', name, 'index') })),
    outdir,
    ...(inChunks ? { chunkNames: `functions/${inChunks}/chunks/[name]-[hash]` } : {}),
    write: false,
    metafile: true,
    sourcemap: 'external',
    // The sources are in the checkout of the same commit; copying them into every map costs a second and a half.
    sourcesContent: false,
  });
}

/**
 * What decides about size and speed; the benchmark builds its baseline with the same.
 * @param inChunks the one function that is split; its chunks lie beside it
 */
export function bundleSettings(inChunks?: FunctionName) {
  return {
    ...(inChunks ? { splitting: true } : {}),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // Names of functions stay in stack traces, except where starting or counting alerts by the thousand matters more: there
    // they cost 5 % of the time and of the size, and the source map tells them. Our errors carry their `name` as a property in any case.
    keepNames: inChunks === undefined,
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
    alias: Object.fromEntries(NEVER_IN_LAMBDA.map((name) => [name, NO_PROVIDER])),
    // The SDK's core loads it on demand to read a browser's user agent, which never happens on Node: 34 KB of each asset.
    external: ['bowser'],
    logLevel: 'silent',
  } satisfies BuildOptions;
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
  // A file of an earlier build would change the hash of the asset.
  rmSync(join(outdir, 'functions'), { recursive: true, force: true });
  mkdirSync(join(outdir, 'source-maps'), { recursive: true });
  return names.map((name) => {
    const directory = join(outdir, 'functions', name);
    const own = files.filter(({ path }) => path.startsWith(`${directory}${sep}`));
    const code = own.filter(({ path }) => path.endsWith('.mjs'));
    if (!code.some(({ path }) => path === join(directory, 'index.mjs')))
      throw new Error(`esbuild gave no bundle for ${name}`);
    for (const { path, contents } of own) {
      const to = path.endsWith('.map') ? join(outdir, 'source-maps', mapName(name, path)) : path;
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, contents);
    }
    writeFileSync(join(directory, 'parapet.config.json'), configuration);
    const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
    return {
      name,
      directory,
      bytes: sum(code.map(({ contents }) => contents.length)),
      gzipBytes: sum(code.map(({ contents }) => gzipSync(contents).length)),
    };
  });
}

/** `normalize.mjs.map` for the entry, `normalize-<chunk>.mjs.map` for a chunk. */
function mapName(name: FunctionName, path: string): string {
  const file = basename(path);
  return file === 'index.mjs.map' ? `${name}.mjs.map` : `${name}-${file}`;
}
