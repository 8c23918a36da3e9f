import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Recording, recordingSchema } from './recording.ts';

export const RECORDINGS = new URL('../recordings/', import.meta.url);

/** Below `<profile>/<digest of the prompt>/<case>/`: another prompt has another folder, so that none overwrites the other. */
export function keepIn(folder: URL): (recording: Recording) => void {
  return (recording) => {
    const place = new URL(`${recording.profile.name}/${recording.promptSha256}/${recording.case}/`, folder);
    mkdirSync(place, { recursive: true });
    writeFileSync(new URL(`${recording.n}.json`, place), `${JSON.stringify(recording, undefined, 2)}\n`);
  };
}

/** Everything that was recorded, by profile. Whether it counts is found when it is measured. @throws z.ZodError */
export function readRecordings(folder: URL): ReadonlyMap<string, readonly Recording[]> {
  if (!existsSync(folder)) return new Map();
  const profiles = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(profiles.map(({ name }) => [name, filesBelow(new URL(`${name}/`, folder))] as const).sort(byName));
}

function filesBelow(folder: URL): Recording[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesBelow(new URL(`${entry.name}/`, folder))
        : [recordingSchema.parse(JSON.parse(readFileSync(new URL(entry.name, folder), 'utf8')))],
    );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
