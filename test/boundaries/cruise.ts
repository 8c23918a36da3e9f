import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cruise, type ICruiseOptions, type IForbiddenRuleType } from 'dependency-cruiser';
import * as z from 'zod';
import { importsOf } from './imports.ts';

export const PROJECT = resolve(import.meta.dirname, '../..');
/** The rooms the rules speak of. */
export const ROOMS = [
  'domain',
  'prompts',
  'connectors',
  'functions',
  'infra',
  'cli',
  'local',
  'test',
  'bench',
] as const;

/** One import that breaks a rule of .dependency-cruiser.cjs. */
export interface Breach {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface Findings {
  readonly breaches: readonly Breach[];
  /** Files looked at, and imports between them and out of them. */
  readonly modules: number;
  readonly imports: number;
  /** Imports of files that are not there, as `file -> specifier`. Packages are the compiler's matter. */
  readonly unresolved: readonly string[];
}

/** Every TypeScript file of the rooms below `root` with what it imports, by its path below `root`. */
export function importsBelow(root: string): ReadonlyMap<string, readonly string[]> {
  const files = ROOMS.flatMap((room) => {
    try {
      return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  });
  return new Map(
    files
      .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
      .sort()
      .map((path) => [path, importsOf(readFileSync(join(root, path), 'utf8'))]),
  );
}

/**
 * Judges files by the rules of .dependency-cruiser.cjs. The rules see a copy of the tree in which each file consists of
 * its imports alone, in JavaScript, because that is what dependency-cruiser reads without guessing (see imports.ts).
 */
export async function judge(files: ReadonlyMap<string, readonly string[]>, root: string = PROJECT): Promise<Findings> {
  const mirror = mkdtempSync(join(tmpdir(), 'parapet-boundaries-'));
  try {
    makeMirror(mirror, files, root);
    return await cruiseMirror(mirror, [...files.keys()]);
  } finally {
    rmSync(mirror, { recursive: true, force: true });
  }
}

function makeMirror(mirror: string, files: ReadonlyMap<string, readonly string[]>, root: string): void {
  // Its manifest tells declared packages from others; its packages are where imports of packages lead.
  cpSync(join(PROJECT, 'package.json'), join(mirror, 'package.json'));
  symlinkSync(join(PROJECT, 'node_modules'), join(mirror, 'node_modules'));
  for (const [path, specifiers] of files) {
    mkdirSync(dirname(join(mirror, path)), { recursive: true });
    writeFileSync(join(mirror, path), specifiers.map((specifier) => `import ${JSON.stringify(specifier)};\n`).join(''));
    for (const specifier of specifiers) copyData(mirror, root, path, specifier);
  }
}

/** A file that is imported and is no TypeScript (JSON, text) must be there to be found. */
function copyData(mirror: string, root: string, from: string, specifier: string): void {
  if (!specifier.startsWith('.') || /\.tsx?$/.test(specifier)) return;
  const target = join(dirname(from), specifier);
  mkdirSync(dirname(join(mirror, target)), { recursive: true });
  cpSync(join(root, target), join(mirror, target), { force: true });
}

/** dependency-cruiser checks the rest of a rule itself. */
function isNamedRule(rule: unknown): boolean {
  return z.object({ name: z.string(), from: z.object({}), to: z.object({}) }).safeParse(rule).success;
}

const configurationSchema = z.object({
  forbidden: z.array(z.custom<IForbiddenRuleType & { readonly name: string }>(isNamedRule)),
  options: z.looseObject({
    doNotFollow: z.object({ path: z.string() }),
    enhancedResolveOptions: z.object({ extensions: z.array(z.string()) }),
  }),
});

/** Names of the rules, in their order. */
export function ruleNames(): readonly string[] {
  return readRules().forbidden.map(({ name }) => name);
}

function readRules() {
  return configurationSchema.parse(createRequire(import.meta.url)(join(PROJECT, '.dependency-cruiser.cjs')));
}

const resultSchema = z.object({
  modules: z.array(
    z.object({
      source: z.string(),
      dependencies: z.array(z.object({ module: z.string(), couldNotResolve: z.boolean() })),
    }),
  ),
  summary: z.object({
    violations: z.array(z.object({ rule: z.object({ name: z.string() }), from: z.string(), to: z.string() })),
  }),
});

/** Files are named one by one: in folders, dependency-cruiser passes over what it has no compiler for. */
async function cruiseMirror(mirror: string, files: readonly string[]): Promise<Findings> {
  const { forbidden, options } = readRules();
  const settings: ICruiseOptions = {
    baseDir: mirror,
    validate: true,
    ruleSet: { forbidden },
    doNotFollow: options.doNotFollow,
    enhancedResolveOptions: {
      ...options.enhancedResolveOptions,
      // Subpaths of packages (`hono/jsx`) are only found through their `exports`.
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  };
  const { output } = await cruise([...files], settings);
  const { modules, summary } = resultSchema.parse(output);
  const ours = modules.filter(({ source }) => files.includes(source));
  return {
    breaches: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to: withoutFolders(to) })),
    modules: ours.length,
    imports: ours.reduce((sum, { dependencies }) => sum + dependencies.length, 0),
    unresolved: ours.flatMap(({ source, dependencies }) =>
      dependencies
        .filter(({ couldNotResolve, module }) => couldNotResolve && module.startsWith('.'))
        .map(({ module }) => `${source} -> ${module}`),
    ),
  };
}

/** `../../home/somebody/parapet/node_modules/zod/index.js` -> `node_modules/zod/index.js` */
function withoutFolders(path: string): string {
  const at = path.indexOf('node_modules/');
  return at < 0 ? path : path.slice(at);
}
