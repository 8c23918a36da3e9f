import { type Answer, opinion } from '../port.ts';
import type { AbuseCheck } from './schema.ts';

const DAY_MS = 24 * 3_600_000;
/** Addresses change hands: what was reported a month ago counts half. */
const HALF_LIFE_DAYS = 30;

/** `isWhitelisted` is not looked at: AbuseIPDB itself advises against acting on it. */
export function opinionOf({ data }: AbuseCheck, now: Date): Answer {
  const { abuseConfidenceScore: score, totalReports, numDistinctUsers, lastReportedAt, isTor } = data;
  const tor = isTor === true ? '; an exit of Tor, which many share' : '';
  const detail = `abuse score ${score} of 100 from ${totalReports} reports of ${numDistinctUsers} reporters${tor}`;
  if (score < 25) return opinion('unknown', detail, 0);
  const strong = score >= 75 && numDistinctUsers >= 10;
  const weight = (strong ? 1.2 : 0.5) * freshness(lastReportedAt, now) * (isTor === true ? 0.5 : 1);
  return opinion(strong ? 'malicious' : 'suspicious', detail, Math.round(weight * 100) / 100);
}

function freshness(lastReportedAt: string | undefined, now: Date): number {
  const at = Date.parse(lastReportedAt ?? '');
  if (Number.isNaN(at)) return 1;
  const days = Math.max(0, (now.getTime() - at) / DAY_MS);
  return 0.5 ** Math.floor(days / HALF_LIFE_DAYS);
}
