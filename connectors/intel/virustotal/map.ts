import { type Answer, NOT_KNOWN, opinion } from '../port.ts';
import type { VirusTotalObject } from './schema.ts';

const YEAR_SECONDS = 365 * 24 * 3_600;
/** Fewer engines that found nothing say little. */
const MANY_ENGINES = 50;

/** Weights in log-odds; the table is in docs/intelligence.md. */
export function opinionOf(object: VirusTotalObject, kind: 'ip' | 'domain' | 'hash', now: Date): Answer {
  const {
    last_analysis_stats: stats,
    gti_assessment: assessment,
    first_submission_date: first,
  } = object.data.attributes;
  switch (assessment?.verdict?.value) {
    case 'VERDICT_MALICIOUS':
      return opinion('malicious', 'Google Threat Intelligence rates it malicious', 3);
    case 'VERDICT_BENIGN':
      return opinion('harmless', 'Google Threat Intelligence rates it benign', -2);
    default:
  }
  if (stats === undefined) return NOT_KNOWN;
  const engines = stats.malicious + stats.suspicious + stats.undetected + stats.harmless;
  if (engines === 0) return NOT_KNOWN;
  const found = `${stats.malicious} of ${engines} engines call it malicious`;
  const step = STEPS[kind].find(({ from }) => stats.malicious >= from);
  if (step !== undefined) return opinion(step.verdict, found, step.weight);
  const old = first !== undefined && now.getTime() / 1000 - first > YEAR_SECONDS;
  return kind === 'hash' && old && engines >= MANY_ENGINES
    ? opinion('harmless', `${found}, and it is known for more than a year`, -1.5)
    : opinion('unknown', found, 0);
}

const STEPS = {
  hash: [
    { from: 10, verdict: 'malicious', weight: 3 },
    { from: 3, verdict: 'malicious', weight: 1.5 },
    { from: 1, verdict: 'suspicious', weight: 0.3 },
  ],
  // A name has one owner; an address is shared and changes hands.
  domain: [
    { from: 5, verdict: 'malicious', weight: 2 },
    { from: 2, verdict: 'suspicious', weight: 1 },
  ],
  ip: [
    { from: 5, verdict: 'malicious', weight: 1.5 },
    { from: 2, verdict: 'suspicious', weight: 0.7 },
  ],
} as const;
