import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { type Bundles, bundleSettings } from '../infra/bundle.ts';
import type { FunctionName } from '../infra/functions/names.ts';
import { type Figure, median } from './statistics.ts';

const RUNS = 10;
/** More than elsewhere: this figure is a requirement, and the two are close. */
const RUNS_AGAINST_BEDROCK = 25;

/** The client class of each SDK package a bundle may hold. */
const CLIENTS: Readonly<Record<string, string>> = {
  '@aws-sdk/client-bedrock-runtime': 'BedrockRuntimeClient',
  '@aws-sdk/client-dynamodb': 'DynamoDBClient',
  '@aws-sdk/client-eventbridge': 'EventBridgeClient',
  '@aws-sdk/client-kms': 'KMSClient',
  '@aws-sdk/client-s3': 'S3Client',
  '@aws-sdk/client-secrets-manager': 'SecretsManagerClient',
  '@aws-sdk/client-sesv2': 'SESv2Client',
  '@aws-sdk/client-sfn': 'SFNClient',
  '@aws-sdk/lib-dynamodb': 'DynamoDBDocumentClient',
};

/**
 * Size of each function's bundle, and the time its import takes in a fresh process (median of ten) against a bundle that
 * imports only the same SDK clients, built with the same settings. The time is measured inside the process around
 * `import()`, so that Node's own start does not flatter the ratio.
 */
export function benchBundles(bundles: Bundles, workspace: string): readonly Figure[] {
  return bundles.functions.flatMap(({ name, directory, bytes }) => {
    const clients = clientsOf(bundles, name);
    const entry = join(directory, 'index.mjs');
    const [own, baseline] = importTimes(entry, buildBaseline(name, clients, workspace));
    return [
      { what: `${name}, bundle`, measured: bytes / 1024, unit: 'KB', mustBe: { atMost: 1024 } },
      { what: `${name}, cold import`, measured: own, unit: 'ms' },
      {
        what: `${name}, cold import / that of its ${clients.length} SDK clients`,
        measured: own / baseline,
        unit: 'x',
        mustBe: { atMost: 1.6 },
      },
      ...(name === 'analyze' ? analyzeFigures(entry, workspace) : []),
    ];
  });
}

/**
 * `analyze` against the Bedrock client alone, made as an adapter makes it and built with the settings of `analyze` (without kept
 * names, which would slow it down). What `analyze` loads later is told beside it, or it could be made small by loading all of
 * itself later: the rules come while the evidence is read, the way to models when one is configured.
 */
function analyzeFigures(entry: string, workspace: string): readonly Figure[] {
  const source = [
    "import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';",
    "globalThis.kept = new BedrockRuntimeClient({ region: 'us-east-1' });",
  ].join('\n');
  const alone = buildAlone(source, join(workspace, 'bedrock-alone'), {
    ...bundleSettings('analyze'),
    splitting: false,
  });
  const [own, baseline] = importTimes(entry, alone, RUNS_AGAINST_BEDROCK);
  const later = chunksOf(entry, ['analyse-', 'tell-whole-']);
  const times = Array.from({ length: RUNS }, () => importTime(later, entry));
  return [
    {
      what: 'analyze, cold import / that of the Bedrock client alone',
      measured: own / baseline,
      unit: 'x',
      mustBe: { atMost: 1.6 },
    },
    { what: 'analyze, rules and way to models, loaded in the first call', measured: median(times), unit: 'ms' },
  ];
}

/** @throws Error when a chunk is missing: the figure would tell of less than is loaded */
function chunksOf(entry: string, names: readonly string[]): readonly string[] {
  const folder = join(dirname(entry), 'chunks');
  const files = readdirSync(folder);
  return names.map((name) => {
    const file = files.find((one) => one.startsWith(name));
    if (file === undefined) throw new Error(`${entry} has no chunk ${name}`);
    return join(folder, file);
  });
}

/** What the import of a function reads: its entry, and the chunks that it imports statically. */
function clientsOf({ metafile }: Bundles, name: string): readonly string[] {
  const entry = Object.keys(metafile.outputs).find((path) => path.endsWith(`functions/${name}/index.mjs`));
  const seen = new Set<string>();
  const inputs: string[] = [];
  const read = (path: string | undefined): void => {
    const output = path === undefined || seen.has(path) ? undefined : metafile.outputs[path];
    if (path === undefined || output === undefined) return;
    seen.add(path);
    inputs.push(
      ...Object.entries(output.inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
    );
    for (const one of output.imports) if (one.kind === 'import-statement') read(one.path);
  };
  read(entry);
  return Object.keys(CLIENTS).filter((client) => inputs.some((path) => path.includes(`node_modules/${client}/`)));
}

function buildBaseline(name: FunctionName, clients: readonly string[], workspace: string): string {
  const names = clients.map((client) => CLIENTS[client]);
  const source = [
    ...clients.map((client) => `import { ${CLIENTS[client]} } from '${client}';`),
    `globalThis.kept = [${names.join(', ')}];`,
  ].join('\n');
  return buildAlone(source, join(workspace, name), bundleSettings());
}

/** One file with all of the SDK's providers, as the clients alone are bundled by anybody; what ours loads later or leaves out is our own doing. */
function buildAlone(source: string, directory: string, settings: BuildOptions): string {
  const { outputFiles } = buildSync({
    ...settings,
    alias: {},
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'js' },
    outdir: directory,
    entryNames: 'index',
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  return join(directory, 'index.mjs');
}

/** Medians of both files, run in turn: a machine whose speed drifts must not favour one of them. */
function importTimes(own: string, baseline: string, runs = RUNS): readonly [number, number] {
  importTime([own]);
  importTime([baseline]);
  const pairs = Array.from({ length: runs }, () => [importTime([own]), importTime([baseline])] as const);
  return [median(pairs.map(([time]) => time)), median(pairs.map(([, time]) => time))];
}

/** @param before imported first, outside of the time */
function importTime(files: readonly string[], before?: string): number {
  const load = (file: string): string => `await import(${JSON.stringify(pathToFileURL(file).href)});`;
  const script = `${before === undefined ? '' : load(before)} const begun = performance.now(); ${files.map(load).join(' ')} process.stdout.write(String(performance.now() - begun)); process.exit(0);`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--no-warnings', '-e', script],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], AWS_REGION: 'us-east-1' } },
  );
  if (status !== 0) throw new Error(`importing ${files.join(', ')} failed: ${stderr}`);
  return Number(stdout);
}
