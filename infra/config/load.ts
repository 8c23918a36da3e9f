import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { ConfigurationError, parseConfiguration } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { firstJsonError } from './json-position.ts';
import { withMapping } from './mapping.ts';

export const DEFAULT_CONFIGURATION_FILE = 'parapet.config.json';

/**
 * Reads the configuration: the file named by `PARAPET_CONFIG`, else `parapet.config.json`, both relative to `root`.
 * @throws ConfigurationError whose first line names the file; each problem has its path in the file and its reason
 */
export function loadConfiguration(
  options: { readonly root?: string; readonly environment?: NodeJS.ProcessEnv } = {},
): Configuration {
  const { root = process.cwd(), environment = process.env } = options;
  const path = resolve(root, environment['PARAPET_CONFIG'] || DEFAULT_CONFIGURATION_FILE);
  const file = relative(root, path);
  return withMapping(parseConfiguration(parseJson(file, read(file, path))), path);
}

function read(file: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason =
      isMissing(cause) && file === DEFAULT_CONFIGURATION_FILE
        ? 'does not exist; run this in the folder of the project, or name another file in PARAPET_CONFIG'
        : `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ConfigurationError([{ path: '', reason: `${file} ${reason}` }], { cause });
  }
}

function parseJson(file: string, text: string): unknown {
  const wrong = firstJsonError(text);
  if (wrong) {
    const reason = `${file} is not JSON: line ${wrong.line}, column ${wrong.column} has ${wrong.found} where it cannot stand`;
    throw new ConfigurationError([{ path: '', reason }]);
  }
  return JSON.parse(text);
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
