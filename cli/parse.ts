import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { SOURCES, type Source, sourceSchema } from '../domain/source.ts';
import { SetupError } from './setup-error.ts';

/** A source by its name; for commander, which shows the message with the usage. */
export function parseSource(name: string): Source {
  const parsed = sourceSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`it must be one of: ${SOURCES.join(', ')}.`);
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new InvalidArgumentError('it must be a whole number from 1 to 1000.');
}

const MOST_DAYS = 400;

/** `7d` as 7: whole days. */
export function parseDays(text: string): number {
  const days = Number(/^(\d{1,3})d$/.exec(text)?.[1]);
  if (days >= 1 && days <= MOST_DAYS) return days;
  throw new InvalidArgumentError(`it must be a number of days from 1d to ${MOST_DAYS}d.`);
}

/** The bytes of a file, untouched. @throws SetupError in one sentence */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : 'cannot be read';
    throw new SetupError(`${file} ${why}.`, { cause });
  }
}
