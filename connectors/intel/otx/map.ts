import { type Answer, NOT_KNOWN, opinion } from '../port.ts';
import type { OtxGeneral } from './schema.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
/** A pulse that lists thousands says nothing of one of them. */
const LARGE_PULSE = 1_000;

/** Only how many say it: names, tags and descriptions of pulses are text anybody may write. */
export function opinionOf({ pulse_info, validation }: OtxGeneral, now: Date): Answer {
  if (validation.length > 0) return opinion('harmless', 'listed as known and good', -1);
  const pulses = (pulse_info?.pulses ?? []).filter((pulse) => {
    const age = now.getTime() - Date.parse(pulse?.created ?? '');
    return age >= 0 && age < YEAR_MS && (pulse?.indicator_count ?? 0) <= LARGE_PULSE;
  }).length;
  if (pulses === 0) return NOT_KNOWN;
  const detail = `in ${pulses} report${pulses === 1 ? '' : 's'} of the community within a year`;
  return pulses >= 3 ? opinion('malicious', detail, 0.8) : opinion('suspicious', detail, 0.3);
}
