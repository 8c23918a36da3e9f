import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { SetupError } from './setup-error.ts';

/** Where a laptop run tells the command line how to reach it; `PARAPET_RUN` names another file (a second run, a test). */
export const DEFAULT_RUN_FILE = '.parapet/run.json';

/**
 * A laptop run as it describes itself while it is up. Nothing in it is secret: the emulator takes any credential, and the
 * sandbox's are invented.
 */
export const runFileSchema = z.object({
  /** Process that keeps the run up; when it is gone, so is the run. */
  pid: z.number().int().positive(),
  startedAt: z.iso.datetime(),
  /** Every AWS API. */
  endpoint: z.url(),
  region: z.string(),
  stack: z.string(),
  /** Outputs of the stack by their CloudFormation keys. */
  outputs: z.record(z.string(), z.string()),
  /** Addresses that work from this machine; the stack's own outputs have the form they have on AWS. */
  edges: z.object({ webhooks: z.url(), people: z.url() }),
  sandbox: z.object({ http: z.url(), kubernetes: z.url() }),
  /** The configuration that was deployed. */
  configuration: z.string(),
});
export type RunFile = z.infer<typeof runFileSchema>;

/**
 * The laptop run that is up, if there is one.
 * @throws SetupError when the file cannot be understood, or names a run that has ended
 */
export function readRunFile(environment: NodeJS.ProcessEnv = process.env): RunFile | undefined {
  const named = environment['PARAPET_RUN'];
  const path = resolve(named ?? DEFAULT_RUN_FILE);
  const text = readText(path);
  if (text === undefined) {
    if (named === undefined) return undefined;
    throw new SetupError(`PARAPET_RUN names ${path}, which does not exist.`);
  }
  const run = parse(path, text);
  if (!isAlive(run.pid)) {
    throw new SetupError(
      `The laptop run recorded in ${path} has ended: start it again with npm start, or name a deployed stack with --stack.`,
    );
  }
  return run;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new SetupError(`${path} cannot be read.`, { cause: error });
  }
}

function parse(path: string, text: string): RunFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SetupError(`${path} is not JSON: delete it and run npm start again.`, { cause });
  }
  const parsed = runFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SetupError(`${path} was written by another version: delete it and run npm start again.`, {
    cause: parsed.error,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
