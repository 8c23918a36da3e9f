import { ConfigurationError } from '../domain/config/parse.ts';
import type { Configuration } from '../domain/config/schema.ts';
import { loadConfiguration } from '../infra/config/load.ts';
import { SetupError } from './setup-error.ts';

/** The configuration in `file`, or where every command looks for it. @throws SetupError naming every place that is wrong */
export function readConfiguration(file?: string): Configuration {
  try {
    return loadConfiguration(file === undefined ? {} : { environment: { PARAPET_CONFIG: file } });
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    throw new SetupError(`The configuration cannot be used: ${cause.message.replaceAll('\n', '; ')}`, { cause });
  }
}
