import { parseWizTime } from '../time.ts';

/** ISO 8601 UTC in milliseconds; undefined for what is no plausible time. */
export function isoTime(text: string | undefined, now: Date): string | undefined {
  const at = parseWizTime(text, now.getTime());
  return at === undefined ? undefined : new Date(at).toISOString();
}
