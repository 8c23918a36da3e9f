import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { runChild } from './child.ts';
import { type LaptopSettings, PROJECT } from './settings.ts';

const outputsSchema = z.record(z.string(), z.record(z.string(), z.string()));

export interface Deployment {
  readonly outputs: Readonly<Record<string, string>>;
  /** What `cdk` wrote. */
  readonly log: string;
}

/**
 * The real `cdk bootstrap` and `cdk deploy`, with the emulator in the place of AWS. Bootstrapping and synthesising need
 * nothing of each other and run side by side.
 * @throws ChildFailedError with the end of what cdk wrote
 */
export async function deploy(options: {
  readonly settings: LaptopSettings;
  readonly endpoint: string;
  /** File of the configuration to deploy. */
  readonly configuration: string;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<Deployment> {
  const { settings, say } = options;
  // When one of two programs fails, the other one is not left behind.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const assembly = join(settings.folder, 'cdk.out');
  const outputsFile = join(settings.folder, 'outputs.json');
  const log = join(settings.folder, 'cdk.log');
  for (const stale of [assembly, outputsFile, log]) rmSync(stale, { recursive: true, force: true });
  const cdkIn = async (cwd: string, args: readonly string[]): Promise<void> => {
    await runChild({
      name: `cdk ${args[0]}`,
      command: process.execPath,
      args: [cdkProgram(), ...args, '--no-notices', '--no-color'],
      cwd,
      env: cdkEnvironment(options),
      log,
      signal,
    });
  };

  say('bootstrapping and synthesising the stack');
  await together(failed, [
    // In a folder without cdk.json, because bootstrapping would synthesise the app a second time there.
    cdkIn(settings.folder, ['bootstrap', `aws://${settings.account}/${settings.region}`]),
    cdkIn(PROJECT, ['synth', '--quiet', '--output', assembly]),
  ]);
  say('deploying the stack');
  await cdkIn(settings.folder, [
    ...['deploy', '--all', '--app', assembly, '--require-approval', 'never', '--outputs-file', outputsFile],
    ...['--progress', 'events'],
  ]);
  const outputs = outputsSchema.parse(JSON.parse(readFileSync(outputsFile, 'utf8')));
  return { outputs: outputs[settings.stack] ?? Object.assign({}, ...Object.values(outputs)), log };
}

/** Waits for all to end, also after one has failed, and then throws the first failure. */
async function together(failed: AbortController, programs: readonly Promise<void>[]): Promise<void> {
  let first: { readonly error: unknown } | undefined;
  await Promise.all(
    programs.map(async (program) => {
      try {
        await program;
      } catch (error) {
        first ??= { error };
        failed.abort();
      }
    }),
  );
  if (first) throw first.error;
}

function cdkProgram(): string {
  return join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin', 'cdk');
}

/** The person's own environment, with every AWS setting of theirs taken out: nothing here may reach a real account. */
function cdkEnvironment(options: {
  readonly settings: LaptopSettings;
  readonly endpoint: string;
  readonly configuration: string;
}): Record<string, string | undefined> {
  const { settings, endpoint, configuration } = options;
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  return {
    ...own,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: settings.account,
    CDK_DEFAULT_REGION: settings.region,
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    PARAPET_CONFIG: configuration,
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  };
}
