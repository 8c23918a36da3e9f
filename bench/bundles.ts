import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { type Bundles, bundleSettings } from '../infra/bundle.ts';
import type { FunctionName } from '../infra/functions/names.ts';
import { type Figure, median } from './statistics.ts';

const RUNS = 10;

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
    const [own, baseline] = importTimes(join(directory, 'index.mjs'), buildBaseline(name, clients, workspace));
    return [
      { what: `${name}, bundle`, measured: bytes / 1024, unit: 'KB', mustBe: { atMost: 1024 } },
      { what: `${name}, cold import`, measured: own, unit: 'ms' },
      {
        what: `${name}, cold import / that of its ${clients.length} SDK clients`,
        measured: own / baseline,
        unit: 'x',
        mustBe: { atMost: 1.6 },
      },
    ];
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
  const directory = join(workspace, name);
  mkdirSync(directory, { recursive: true });
  const names = clients.map((client) => CLIENTS[client]);
  const source = [
    ...clients.map((client) => `import { ${CLIENTS[client]} } from '${client}';`),
    `globalThis.kept = [${names.join(', ')}];`,
  ].join('\n');
  // One file, as the clients alone are bundled by anybody; that ours loads some of itself later is our own doing.
  const { outputFiles } = buildSync({
    ...bundleSettings(),
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
function importTimes(own: string, baseline: string): readonly [number, number] {
  importTime(own);
  importTime(baseline);
  const pairs = Array.from({ length: RUNS }, () => [importTime(own), importTime(baseline)] as const);
  return [median(pairs.map(([time]) => time)), median(pairs.map(([, time]) => time))];
}

function importTime(file: string): number {
  const script = `const begun = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); process.stdout.write(String(performance.now() - begun)); process.exit(0);`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--no-warnings', '-e', script],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], AWS_REGION: 'us-east-1' } },
  );
  if (status !== 0) throw new Error(`importing ${file} failed: ${stderr}`);
  return Number(stdout);
}
