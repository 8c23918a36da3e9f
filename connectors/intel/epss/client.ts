import { jsonOf, UnusableAnswerError } from '../../http/request.ts';
import { type IntelDeps, once } from '../http.ts';
import { HOUR, type IntelSource, NOTHING_KNOWN } from '../port.ts';
import { scoresOf } from './map.ts';
import { epssAnswerSchema } from './schema.ts';

/** The `cve` parameter takes 2,000 characters: a hundred ids of the longest usual form. */
const BATCH = 100;
/** Scores are made once a day; by two o'clock UTC the new ones are there. */
const NEW_SCORES_HOUR = 2;

/** FIRST's Exploit Prediction Scoring System. No key. */
export function epssSource({ http }: Pick<IntelDeps, 'http'>, { baseUrl }: { readonly baseUrl: string }): IntelSource {
  return {
    name: 'epss',
    accepts: ({ kind }) => kind === 'cve',
    batch: BATCH,
    most: 300,
    allowances: [{ calls: 60, seconds: 60 }],
    lifetimeSeconds: (_answer, _subject, now) => untilNewScores(now),
    async ask(subjects, { timeoutMs }) {
      const ids = subjects.map(({ value }) => encodeURIComponent(value)).join(',');
      const answer = await once(
        http,
        {
          method: 'GET',
          url: `${baseUrl}/data/v1/epss?cve=${ids}&limit=${BATCH}`,
          headers: { accept: 'application/json' },
        },
        { timeoutMs },
      );
      const parsed = epssAnswerSchema.safeParse(jsonOf(answer));
      if (!parsed.success) throw new UnusableAnswerError('the answer holds no EPSS scores');
      const scores = scoresOf(parsed.data);
      return subjects.map(({ value }) => scores.get(value) ?? NOTHING_KNOWN);
    },
  };
}

export function untilNewScores(now: Date): number {
  const next = new Date(now);
  next.setUTCHours(NEW_SCORES_HOUR, 0, 0, 0);
  if (next.getTime() <= now.getTime()) next.setUTCDate(next.getUTCDate() + 1);
  return Math.max(HOUR, Math.round((next.getTime() - now.getTime()) / 1000));
}
