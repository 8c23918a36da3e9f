import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../../cli/setup-error.ts';
import { ensurePython } from './python.ts';

const LAUNCHER = fileURLToPath(new URL('./run.py', import.meta.url));
const KEEP_TLS = fileURLToPath(new URL('./keep-tls.cjs', import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 4_000;

export interface Emulator {
  /** `http://127.0.0.1:<port>`: every AWS API. */
  readonly endpoint: string;
  /** What it wrote, for a person who looks for a reason; undefined for one we did not start. */
  readonly log: string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the emulator on loopback with nothing in it and waits until it answers. It ends with `stop`, and also when this
 * process ends in any other way (see run.py). `PARAPET_ENDPOINT` names one that runs already; that one is never stopped.
 * @throws SetupError
 */
export async function startEmulator(options: {
  readonly port: number;
  /** `.parapet`: holds the Python environment, shared by all runs. */
  readonly root: string;
  /** Folder of this run: log and temporary files. */
  readonly folder: string;
  readonly region: string;
  readonly say: (line: string) => void;
  readonly existing?: string | undefined;
}): Promise<Emulator> {
  if (options.existing !== undefined) return await adopt(options.existing);
  const python = await ensurePython({ root: options.root, say: options.say });
  await refuseBusyPort(options.port, options.port);

  const temporary = join(options.folder, 'emulator-tmp');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  // The emulator puts a CommonJS script named .js beside each bundle; this keeps the project's "type": "module" from it.
  writeFileSync(join(temporary, 'package.json'), '{"type":"commonjs"}');
  const log = join(options.folder, 'emulator.log');
  const child = launch(python, { ...options, temporary, log });
  const endpoint = `http://127.0.0.1:${options.port}`;
  const stop = async (): Promise<void> => {
    await endGroup(child);
    rmSync(temporary, { recursive: true, force: true });
  };
  try {
    await answers(endpoint, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, log, stop };
}

async function adopt(existing: string): Promise<Emulator> {
  if (!URL.canParse(existing)) {
    throw new SetupError(`PARAPET_ENDPOINT must be a URL such as http://127.0.0.1:4566, but it is "${existing}".`);
  }
  const endpoint = new URL(existing).origin;
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(5_000) });
  } catch (cause) {
    throw new SetupError(
      `Nothing answers at PARAPET_ENDPOINT=${endpoint}: start that emulator first, or unset PARAPET_ENDPOINT to have one started.`,
      { cause },
    );
  }
  return { endpoint, log: undefined, stop: () => Promise.resolve() };
}

/**
 * @param base the port that PARAPET_PORT sets, from which the others follow
 * @throws SetupError when something listens at `port` already
 */
export async function refuseBusyPort(port: number, base: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${cause.code})`;
      reject(
        new SetupError(
          `Port ${port} on 127.0.0.1 ${why}: stop that program, or choose other ports with PARAPET_PORT, e.g. PARAPET_PORT=${base + 1000}.`,
          { cause },
        ),
      );
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve()));
  });
}

function launch(
  python: string,
  options: { readonly port: number; readonly region: string; readonly temporary: string; readonly log: string },
): ChildProcess {
  const output = openSync(options.log, 'w');
  try {
    return spawn(python, [LAUNCHER], {
      // A group of its own: Ctrl-C reaches us first, and stopping reaches the Lambda workers too.
      detached: true,
      stdio: ['pipe', output, output],
      cwd: options.temporary,
      env: environmentOf(options),
    });
  } finally {
    closeSync(output);
  }
}

/** Only what it needs: Lambda workers inherit this environment, and a developer's own AWS settings must not leak into them. */
function environmentOf(options: {
  readonly port: number;
  readonly region: string;
  readonly temporary: string;
}): Record<string, string> {
  return {
    // Lambda workers are started as `node`: let it be the one that runs us.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? '/usr/bin:/bin'].join(delimiter),
    HOME: process.env['HOME'] ?? '/',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    TMPDIR: options.temporary,
    NODE_OPTIONS: `--require ${JSON.stringify(KEEP_TLS)}`,
    PYTHONDONTWRITEBYTECODE: '1',
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(options.port),
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    LAMBDA_EXECUTOR: 'local',
    PERSIST_STATE: '0',
    MINISTACK_REGION: options.region,
    MINISTACK_ACCOUNT_ID: '000000000000',
  };
}

async function answers(endpoint: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  while (Date.now() < deadline && child.exitCode === null && failure === undefined) {
    const healthy = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await sleep(50);
  }
  const why = failure?.message ?? readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? 'it said nothing';
  throw new SetupError(`The local AWS emulator did not start (${why}); what it wrote is in ${log}.`, {
    cause: failure,
  });
}

async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const deadline = Date.now() + STOPPED_WITHIN_MS;
  signalGroup(pid, 'SIGTERM');
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) await sleep(20);
  // The leader is gone or deaf; its workers and itself are not asked twice.
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}
