import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { Recorded } from './live.ts';

const recordedSchema = z.object({
  case: z.string(),
  n: z.number().int(),
  profile: z.string(),
  promptSha256: z.string(),
  packDigest: z.string(),
  at: z.iso.datetime(),
  outcome: z.enum(['json', 'tool_calls', 'refused', 'blocked', 'truncated', 'unparseable', 'error']),
  json: z.unknown().optional(),
  stop: z.string(),
  tokens: z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() }),
  latencyMs: z.number(),
});

export const RECORDINGS = new URL('../recordings/', import.meta.url);

/** Below `<profile>/<digest of the prompt>/<case>/`: another prompt has another folder, so that no old answer counts for it. */
export function keepIn(folder: URL): (recorded: Recorded) => void {
  return (recorded) => {
    const place = new URL(`${recorded.profile}/${recorded.promptSha256}/${recorded.case}/`, folder);
    mkdirSync(place, { recursive: true });
    writeFileSync(new URL(`${recorded.n}.json`, place), `${JSON.stringify(recorded, undefined, 2)}\n`);
  };
}

export interface Recordings {
  readonly usable: readonly Recorded[];
  /** Of another prompt, or of a pack that has changed since: kept, but not measured. */
  readonly orphaned: number;
}

/** Answers that were recorded for this prompt and these packs, by profile. */
export function readRecordings(
  folder: URL,
  promptSha256: string,
  packDigests: ReadonlyMap<string, string>,
): ReadonlyMap<string, Recordings> {
  if (!existsSync(folder)) return new Map();
  return new Map(
    namesIn(folder).map((profile) => {
      const all = filesBelow(new URL(`${profile}/`, folder));
      const usable = all.filter(
        (one) => one.promptSha256 === promptSha256 && packDigests.get(one.case) === one.packDigest,
      );
      return [profile, { usable, orphaned: all.length - usable.length }];
    }),
  );
}

function filesBelow(folder: URL): Recorded[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return filesBelow(new URL(`${entry.name}/`, folder));
      const { json, ...rest } = recordedSchema.parse(JSON.parse(readFileSync(new URL(entry.name, folder), 'utf8')));
      return [json === undefined ? rest : { ...rest, json }];
    });
}

function namesIn(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
