import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import type { Bundles } from '../infra/bundle.ts';
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

function clientsOf({ metafile }: Bundles, name: string): readonly string[] {
  const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`functions/${name}/index.mjs`))?.[1];
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return Object.keys(CLIENTS).filter((client) => inputs.some(([path]) => path.includes(`node_modules/${client}/`)));
}

function buildBaseline(name: string, clients: readonly string[], workspace: string): string {
  const directory = join(workspace, name);
  mkdirSync(directory, { recursive: true });
  const names = clients.map((client) => CLIENTS[client]);
  const source = [
    ...clients.map((client) => `import { ${CLIENTS[client]} } from '${client}';`),
    `globalThis.kept = [${names.join(', ')}];`,
  ].join('\n');
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    write: false,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    legalComments: 'none',
    banner: {
      js: "import { createRequire as parapetCreateRequire } from 'node:module';const require=parapetCreateRequire(import.meta.url);",
    },
  });
  const file = join(directory, 'index.mjs');
  writeFileSync(file, outputFiles[0]?.contents ?? '');
  return file;
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
