import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import jsonata from 'jsonata';
import { compileMapping } from '../../connectors/cwpp/generic/compile.ts';
import { ConfigurationError } from '../../domain/config/parse.ts';
import type { Configuration } from '../../domain/config/schema.ts';

const PATH = 'sources.generic.mappingFile';

/**
 * The configuration with the text of the mapping file in it, checked. A text that is there already is the one of a
 * configuration that was loaded before and written elsewhere (the laptop run): its file is not looked for again.
 * @throws ConfigurationError naming the field, the file and the reason
 */
export function withMapping(configuration: Configuration, configurationFile: string): Configuration {
  const { generic } = configuration.sources;
  if (generic === undefined) return configuration;
  const file = resolve(dirname(configurationFile), generic.mappingFile);
  const mapping = generic.mapping ?? read(file, generic.mappingFile);
  const compiled = compileMapping(jsonata, mapping);
  if (!compiled.ok)
    throw new ConfigurationError([{ path: PATH, reason: `${generic.mappingFile}: ${compiled.reason}` }]);
  return { ...configuration, sources: { ...configuration.sources, generic: { ...generic, mapping } } };
}

/** For people: that a mapping of the configuration is interpreted, and why. */
export function mappingNote({ sources: { generic } }: Configuration): string | undefined {
  if (generic?.mapping === undefined) return undefined;
  const compiled = compileMapping(jsonata, generic.mapping);
  return compiled.ok && compiled.mapping.note !== undefined
    ? `${PATH}: ${generic.mappingFile}: ${compiled.mapping.note}`
    : undefined;
}

function read(file: string, named: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'it does not exist' : String(cause);
    throw new ConfigurationError(
      [{ path: PATH, reason: `${named} cannot be read (looked for at ${file}, beside the configuration): ${reason}` }],
      { cause },
    );
  }
}
