import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../../cli/setup-error.ts';

/** Folder of the project: where `cdk` is run and what relative files are relative to. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** The emulator's customary port; the sample configuration names the two that follow from it. */
const DEFAULT_PORT = 4566;
const SANDBOX_OFFSET = 14;

export interface LaptopSettings {
  /** Name of the run, with its port when that is not the customary one. */
  readonly run: string;
  /** `.parapet`: kept between runs (the emulator's Python). */
  readonly root: string;
  /** Folder of this run, made anew at each start. */
  readonly folder: string;
  readonly ports: { readonly emulator: number; readonly sandbox: number; readonly kubernetes: number };
  readonly region: string;
  readonly account: string;
  readonly stack: string;
  /** An emulator that runs already, from PARAPET_ENDPOINT. */
  readonly existing: string | undefined;
}

/**
 * `PARAPET_PORT` (default 4566) is the emulator's port; the sandbox takes the fourteenth and fifteenth after it.
 * @throws SetupError
 */
export function laptopSettings(options: {
  readonly run: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly defaultPort?: number;
}): LaptopSettings {
  const environment = options.environment ?? process.env;
  const port = portFrom(environment['PARAPET_PORT'], options.defaultPort ?? DEFAULT_PORT);
  const root = join(PROJECT, '.parapet');
  // Two runs side by side have different ports; their files must not be the same.
  const name = port === (options.defaultPort ?? DEFAULT_PORT) ? options.run : `${options.run}-${port}`;
  return {
    run: name,
    root,
    folder: join(root, name),
    ports: { emulator: port, sandbox: port + SANDBOX_OFFSET, kubernetes: port + SANDBOX_OFFSET + 1 },
    region: 'us-east-1',
    account: '000000000000',
    stack: 'Parapet',
    existing: environment['PARAPET_ENDPOINT'] || undefined,
  };
}

function portFrom(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_535 - SANDBOX_OFFSET - 1) return port;
  throw new SetupError(
    `PARAPET_PORT must be a port number from 1024 to ${65_535 - SANDBOX_OFFSET - 1}, but it is "${text}".`,
  );
}
