import * as z from 'zod';
import { auditEntrySchema, type ChainVerdict, verifyChain } from '../domain/audit/entry.ts';
import { type FixedHead, firstLost } from '../domain/audit/judge-anchors.ts';

/** The head an incident remembers from when it was concluded. */
export interface RecordedHead {
  readonly sequence: number;
  readonly hash: string;
}

/**
 * Recomputes a chain and holds it against what was recorded elsewhere: by its incident, and by anchors (`fixed`). Entries may
 * follow (a decision that came too late is written after the conclusion), but the recorded ones must stand at their places
 * unchanged.
 */
export function judgeChain(
  chain: string,
  entries: readonly unknown[],
  recorded: RecordedHead | undefined,
  fixed: readonly FixedHead[] = [],
): ChainVerdict {
  const verdict = verifyChain(chain, entries);
  if (!verdict.ok && entries.length > 0) return verdict;
  const lost = firstLost(z.array(placedSchema).parse(entries), fixed);
  if (lost !== undefined) return broken(chain, entries.length, lost.at, lost.reason);
  if (!verdict.ok || recorded === undefined) return verdict;
  const at = entries[recorded.sequence];
  if (at === undefined) {
    return broken(
      chain,
      entries.length,
      entries.length,
      `entries are missing at the end: the incident recorded entry ${recorded.sequence} as its head`,
    );
  }
  const { data } = auditEntrySchema.safeParse(at);
  if (data?.hash === recorded.hash) return verdict;
  return broken(
    chain,
    entries.length,
    recorded.sequence,
    `entry ${recorded.sequence} is not the one the incident recorded as its head: the chain was written anew`,
  );
}

/** Of an entry that `verifyChain` found to be one. */
const placedSchema = z.object({ sequence: z.number(), hash: z.string() });

function broken(chain: string, entries: number, firstBroken: number, reason: string): ChainVerdict {
  return { ok: false, chain, entries, firstBroken, reason };
}

const chainOnlySchema = z.looseObject({ chain: z.string() });

/** The chains of an export in the order of their first entry. A line that is no entry at all breaks the export as a whole. */
export function chainsOfExport(
  text: string,
): ReadonlyMap<string, readonly unknown[]> | { readonly unreadable: string } {
  const chains = new Map<string, unknown[]>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const entry = parseLine(line);
    if (entry === undefined) return { unreadable: `line ${index + 1} is not an audit entry` };
    const known = chains.get(entry.chain);
    if (known) known.push(entry.raw);
    else chains.set(entry.chain, [entry.raw]);
  }
  return chains;
}

function parseLine(line: string): { readonly chain: string; readonly raw: unknown } | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const parsed = chainOnlySchema.safeParse(raw);
  return parsed.success ? { chain: parsed.data.chain, raw } : undefined;
}
