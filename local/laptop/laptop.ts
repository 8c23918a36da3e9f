import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emulatorSettings } from '../../cli/client-settings.ts';
import { readConfiguration } from '../../cli/configuration.ts';
import { type Connection, connectToRun } from '../../cli/context.ts';
import { type RunFile, runFileSchema } from '../../cli/run-file.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type Emulator, refuseBusyPort, startEmulator } from '../emulator/start.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { laptopConfiguration, writeConfiguration } from './configuration.ts';
import { type Deployment, deploy } from './deploy.ts';
import type { LaptopModel } from './model.ts';
import { fillSecrets } from './secrets.ts';
import { type LaptopSettings, PROJECT } from './settings.ts';

/** The whole pipeline on this machine: emulator, deployed stack, sandbox. */
export interface Laptop {
  readonly settings: LaptopSettings;
  readonly configuration: Configuration;
  readonly endpoint: string;
  readonly sandbox: Sandbox;
  readonly run: RunFile;
  readonly connection: Connection;
  /** Ends what was started, and nothing else. */
  stop(): Promise<void>;
}

/**
 * Starts everything and writes the file by which the command line finds it. What was started before a failure is ended.
 * @throws SetupError (one sentence for the person), ChildFailedError (with the end of what cdk wrote)
 */
export async function startLaptop(options: {
  readonly settings: LaptopSettings;
  readonly say: (line: string) => void;
  /** Where the run describes itself; see cli/run-file.ts. */
  readonly runFile: string;
  /** Changes the sample configuration before it is deployed (a test with scopes of its own). */
  readonly adapt?: ((sample: Configuration) => Configuration) | undefined;
  /** What the sandbox holds in the beginning; a folder of local/sandbox/scenarios. */
  readonly scenario?: string | undefined;
  /** Asked instead of the models of the configuration. */
  readonly model?: LaptopModel | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<Laptop> {
  const { settings, say, signal, runFile } = options;
  const adapt = options.adapt ?? ((sample) => sample);
  const sample = adapt(readConfiguration(join(PROJECT, 'parapet.config.json')));
  const configuration = laptopConfiguration(sample, settings.ports, options.model);
  mkdirSync(settings.folder, { recursive: true });
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    // One that cannot be ended must not keep the others running.
    for (const one of started.splice(0).reverse()) await one.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be stopped');
  };
  try {
    const configurationFile = writeConfiguration(settings.folder, configuration);
    const [emulator, sandbox] = await startServers(settings, options.scenario, say, started);
    say(`sandbox of the vendors on ${sandbox.http.url} and ${sandbox.kubernetes.url}`);
    const { endpoint } = emulator;
    const deployment = await deploy({ settings, endpoint, configuration: configurationFile, say, signal });
    say('filling in the secrets');
    await fillSecrets(configuration, sandbox.credentials, emulatorSettings({ endpoint, region: settings.region }));
    const run = describeRun({ settings, endpoint, deployment, sandbox, configurationFile });
    mkdirSync(dirname(runFile), { recursive: true });
    writeFileSync(runFile, `${JSON.stringify(run, undefined, 2)}\n`);
    started.push({ stop: async () => forgetRun(runFile) });
    return { settings, configuration, endpoint, sandbox, run, connection: connectToRun(run), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Another run may have described itself in the same place meanwhile; that one's word stays. */
function forgetRun(runFile: string): void {
  if (!existsSync(runFile)) return;
  const { pid } = runFileSchema.parse(JSON.parse(readFileSync(runFile, 'utf8')));
  if (pid === process.pid) rmSync(runFile);
}

async function startServers(
  settings: LaptopSettings,
  scenario: string | undefined,
  say: (line: string) => void,
  started: { stop(): Promise<void> }[],
): Promise<readonly [Emulator, Sandbox]> {
  // Asked before anything is started, so that a busy port costs no waiting.
  await refuseBusyPort(settings.ports.sandbox, settings.ports.emulator);
  await refuseBusyPort(settings.ports.kubernetes, settings.ports.emulator);
  const { root, folder, region, existing } = settings;
  const emulator = await startEmulator({ root, folder, region, existing, port: settings.ports.emulator, say });
  started.push(emulator);
  say(`AWS emulator ${settings.existing === undefined ? 'started' : 'found'} at ${emulator.endpoint}`);
  const sandbox = await startSandbox({ http: settings.ports.sandbox, kubernetes: settings.ports.kubernetes }, scenario);
  started.push(sandbox);
  return [emulator, sandbox];
}

function describeRun(made: {
  readonly settings: LaptopSettings;
  readonly endpoint: string;
  readonly deployment: Deployment;
  readonly sandbox: Sandbox;
  readonly configurationFile: string;
}): RunFile {
  const { settings, endpoint, deployment, sandbox, configurationFile } = made;
  const { outputs } = deployment;
  return {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    endpoint,
    region: settings.region,
    stack: settings.stack,
    outputs: { ...outputs },
    edges: edgesOf(endpoint, outputs),
    sandbox: { http: sandbox.http.url, kubernetes: sandbox.kubernetes.url },
    configuration: configurationFile,
  };
}

/**
 * Where an emulator serves what on AWS has a host of its own. The REST API by path, as every LocalStack-compatible one
 * does; the HTTP API by a name below `.localhost`, which browsers know to be this machine, and which the mails carry.
 */
export function edgesOf(endpoint: string, outputs: Readonly<Record<string, string>>): RunFile['edges'] {
  const { WebhookApiId, WebhookStage, PeopleApiId } = outputs;
  return {
    webhooks: `${endpoint}/restapis/${WebhookApiId}/${WebhookStage}/_user_request_`,
    people: `http://${PeopleApiId}.execute-api.localhost:${new URL(endpoint).port || 80}`,
  };
}
