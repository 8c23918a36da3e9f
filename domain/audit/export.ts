import * as z from 'zod';
import { measureJson } from '../intake/json-limits.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { AuditEntry } from './entry.ts';

/** A line of an export cannot be an audit entry at all. `line` counts from 1. */
export class ExportLineError extends Error {
  override readonly name = 'ExportLineError';
  readonly line: number;
  constructor(line: number, reason: string, options?: ErrorOptions) {
    super(`line ${line} of the export ${reason}`, options);
    this.line = line;
  }
}

/** An entry is small by design; a longer line was not written by us. */
const MAX_LINE = 1_000_000;

const lineSchema = z.looseObject({ chain: z.string().min(1) });

/** Entries as JSON lines, each in its one canonical spelling. */
export function formatExport(entries: readonly AuditEntry[]): string {
  return entries.map((entry) => `${canonicalJson(entry)}\n`).join('');
}

/**
 * Reads an export (JSON lines, one entry each, chains in any mixture) into its chains, entries in the order of the file.
 * Entries stay unparsed: `verifyChain` judges them one by one and can name the first that does not hold. Empty lines are
 * passed over.
 * @throws ExportLineError on a line that is too long, too deep, no JSON, no object or names no chain
 */
export function parseExport(text: string): ReadonlyMap<string, readonly unknown[]> {
  const chains = new Map<string, unknown[]>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const entry = parseLine(line, index + 1);
    const entries = chains.get(entry.chain);
    if (entries) entries.push(entry);
    else chains.set(entry.chain, [entry]);
  }
  return chains;
}

function parseLine(line: string, number: number): z.infer<typeof lineSchema> {
  if (line.length > MAX_LINE) throw new ExportLineError(number, `is longer than ${MAX_LINE} characters`);
  if (!measureJson(line).ok) throw new ExportLineError(number, 'is nested too deeply or has too many fields');
  const parsed = lineSchema.safeParse(parseJson(line, number));
  if (!parsed.success) throw new ExportLineError(number, 'is not an object that names its chain');
  return parsed.data;
}

function parseJson(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ExportLineError(number, 'is not JSON', { cause });
  }
}
