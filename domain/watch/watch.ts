import * as z from 'zod';
import { type Verification, verificationSchema } from '../actions/action.ts';
import { executableActionSchema } from '../analysis/analysis.ts';

/** One later look at an action that was proven to hold, wholly or in part: is it still so? */
export const watchSchema = z.lazy(() =>
  z.object({
    incidentId: z.string(),
    actionId: z.string(),
    action: executableActionSchema,
    planKey: z.string(),
    /** How long after the proof, in words: `15m`. */
    watch: z.string(),
    dueAt: z.iso.datetime(),
    /** What held when the watch began. Absent: all of it. */
    from: z.enum(['contained', 'partial']).optional(),
    /** Absent until it was looked at, or was found to be needed no more. */
    seen: z
      .object({
        /** `undone`: it was rolled back on purpose before the time came, so there was nothing to look at. */
        result: z.enum([...verificationSchema.unwrap().shape.result.options, 'undone']),
        at: z.iso.datetime(),
        detail: z.string(),
      })
      .optional(),
  }),
);
export type Watch = z.infer<typeof watchSchema>;
export type Seen = NonNullable<Watch['seen']>;

/** What is looked at when, after an action was proven to hold at `since`. */
export function watchesOf(
  of: Pick<Watch, 'incidentId' | 'actionId' | 'action' | 'planKey' | 'from'>,
  since: string,
  afterSeconds: readonly number[],
): readonly Watch[] {
  const { incidentId, actionId, action, planKey, from } = of;
  return afterSeconds.map((seconds) => ({
    incidentId,
    actionId,
    action,
    planKey,
    ...(from === undefined ? {} : { from }),
    watch: periodWords(seconds),
    dueAt: new Date(Date.parse(since) + seconds * 1000).toISOString(),
  }));
}

/** By action, and of each by time. */
export function inOrder(watches: readonly Watch[]): readonly Watch[] {
  const key = ({ actionId, dueAt }: Watch): string => `${actionId.padStart(8)}#${dueAt}`;
  return [...watches].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Longest unit that gives a whole number: 900 -> `15m`, 86400 -> `24h`, 90 -> `90s`. */
export function periodWords(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** `drifted`: less holds than ever did since it was executed · `settled`: what held only in part holds as a whole for the first time. */
export type Change = 'drifted' | 'settled' | 'none';

const HOLDS: Readonly<Record<Seen['result'], number | undefined>> = {
  failed: 0,
  partial: 1,
  contained: 2,
  // Nobody knows, and nobody wants it to hold any more.
  unknown: undefined,
  undone: undefined,
};

/** What a look says that is news, against the best that was known before it. @param looks all of the incident */
export function changeOf(
  one: Pick<Watch, 'actionId' | 'dueAt' | 'from'>,
  { result }: Pick<Seen, 'result'>,
  looks: readonly Watch[],
): Change {
  const now = HOLDS[result];
  if (now === undefined) return 'none';
  const earlier = looks.flatMap(({ actionId, dueAt, seen }) =>
    actionId === one.actionId && dueAt < one.dueAt && seen !== undefined ? [HOLDS[seen.result] ?? 0] : [],
  );
  const best = Math.max(HOLDS[one.from ?? 'contained'] ?? 0, ...earlier);
  if (now < best) return 'drifted';
  return now > best ? 'settled' : 'none';
}

/** Looks that saw this change. */
export function changed(looks: readonly Watch[], change: Change): readonly Watch[] {
  return looks.filter((one) => one.seen !== undefined && changeOf(one, one.seen, looks) === change);
}

/** What was seen, in a line: the checks that do not hold, else all of them. */
export function seenOf({ result, checks, verifiedAt }: Verification): Seen {
  const failing = checks.filter(({ ok }) => !ok);
  const told = (failing.length > 0 ? failing : checks).map(({ name, detail }) => `${name}: ${detail}`);
  return { result, at: verifiedAt, detail: told.join('; ').slice(0, 400) };
}

/** One look for people. */
export function watchWords({ actionId, action, watch, dueAt, seen }: Watch): string {
  const what = `${actionId} ${action} after ${watch}`;
  if (seen === undefined) return `${what}: due at ${dueAt}`;
  switch (seen.result) {
    case 'contained':
      return `${what}: still holds (${seen.at})`;
    case 'partial':
      return `${what}: holds only in part (${seen.at}): ${seen.detail}`;
    case 'failed':
      return `${what}: no longer holds (${seen.at}): ${seen.detail}`;
    case 'unknown':
      return `${what}: could not be checked (${seen.at}): ${seen.detail}`;
    case 'undone':
      return `${what}: not looked at, it had been rolled back (${seen.at})`;
  }
}
