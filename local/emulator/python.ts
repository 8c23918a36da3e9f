import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from '../../cli/setup-error.ts';

const REQUIREMENTS = new URL('./requirements.txt', import.meta.url);
const OLDEST_MINOR = 10;
const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const INSTALL_TIMEOUT_MS = 300_000;

interface Interpreter {
  readonly command: string;
  readonly minor: number;
}

/** How a program ended; `status` is undefined when it could not be started at all. */
export interface Ended {
  readonly status: number | undefined;
  readonly output: string;
}
/** Starts a program and waits; a test answers in its place. */
export type Run = (command: string, args: readonly string[]) => Promise<Ended>;

/**
 * The Python of a private environment holding exactly the pinned emulator, made at the first call and kept: its folder
 * carries the digest of the requirements and the interpreter's version, so a change of either makes a new one.
 * @throws SetupError one sentence on what this machine lacks
 */
export async function ensurePython(options: {
  /** Folder for everything the laptop run keeps (`.parapet`). */
  readonly root: string;
  readonly say: (line: string) => void;
  readonly run?: Run;
}): Promise<string> {
  const run = options.run ?? runProgram;
  const interpreter = await findInterpreter(run);
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).update(`3.${interpreter.minor}`).digest('hex');
  const folder = join(options.root, `python-${digest.slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return python;

  options.say('installing the local AWS emulator (once, some 20 MB)');
  mkdirSync(options.root, { recursive: true });
  // Made beside its place and moved there when complete, so that an interrupted or a second install leaves no half one.
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    await makeEnvironment(run, interpreter.command, draft);
    await installRequirements(run, join(draft, 'bin', 'python'));
    moveInto(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return python;
}

async function findInterpreter(run: Run): Promise<Interpreter> {
  const named = process.env['PARAPET_PYTHON'];
  let tooOld: string | undefined;
  for (const command of named ? [named] : CANDIDATES) {
    const ended = await run(command, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const version = /^(\d+)\.(\d+)$/.exec(ended.output.trim());
    if (ended.status !== 0 || !version) continue;
    const minor = Number(version[2]);
    if (version[1] === '3' && minor >= OLDEST_MINOR) return { command, minor };
    tooOld ??= `${command} is ${version[0]}`;
  }
  const found = tooOld ?? (named ? `PARAPET_PYTHON=${named} does not run` : 'no python3 was found');
  throw new SetupError(
    `The local AWS emulator needs Python 3.${OLDEST_MINOR} or newer, but ${found}: install it ` +
      '(Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or name one in PARAPET_PYTHON.',
  );
}

async function makeEnvironment(run: Run, command: string, folder: string): Promise<void> {
  const ended = await run(command, ['-m', 'venv', folder]);
  if (ended.status === 0) return;
  if (/ensurepip|No module named venv/.test(ended.output)) {
    throw new SetupError(
      `Python's venv module is incomplete on this machine, so the local AWS emulator cannot be installed: ` +
        'install it (Debian and Ubuntu: apt-get install python3-venv) and start again.',
    );
  }
  throw new SetupError(`${command} could not create ${folder}: ${lastLine(ended.output)}`);
}

async function installRequirements(run: Run, python: string): Promise<void> {
  const ended = await run(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2'],
    ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '-r', fileOf(REQUIREMENTS)],
  ]);
  if (ended.status === 0) return;
  // Order matters: without a network pip says both that it cannot connect and that no version was found.
  if (/HASHES|hash/i.test(ended.output) && /MATCH|mismatch/i.test(ended.output)) {
    throw new SetupError(
      'A package of the local AWS emulator is not the file whose digest is pinned in local/emulator/requirements.txt, so ' +
        'nothing was installed: check which package index or mirror this machine uses.',
    );
  }
  if (/connection|resolution|retries|timed out|No matching distribution|proxy/i.test(ended.output)) {
    throw new SetupError(
      'The local AWS emulator could not be downloaded because no Python package index can be reached: connect to the ' +
        'network or set pip up for your mirror (needed at the first start only), or point PARAPET_ENDPOINT at an emulator that runs.',
    );
  }
  throw new SetupError(`The local AWS emulator could not be installed: ${lastLine(ended.output)}`);
}

function moveInto(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another start was quicker; its environment is the same by construction of the name.
    if (!existsSync(join(folder, 'bin', 'python'))) throw error;
  }
}

const runProgram: Run = async (command, args) => {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...args], {
      timeout: INSTALL_TIMEOUT_MS,
      maxBuffer: 16_000_000,
    });
    return { status: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { status: numberIn(error, 'code'), output: textIn(error, 'stdout') + textIn(error, 'stderr') };
  }
};

function numberIn(holder: object, key: string): number | undefined {
  const value = Object.entries(holder).find(([name]) => name === key)?.[1];
  return typeof value === 'number' ? value : undefined;
}

function textIn(holder: object, key: string): string {
  const value = Object.entries(holder).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : '';
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? 'no reason given';
}

function fileOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}
