import type { WaitingLine } from '../../connectors/store/intake-ports.ts';
import { minuteRate } from '../../connectors/store/minute-rate.ts';
import type { IncidentOpened } from '../../domain/events.ts';
import { isSevere, type Severity } from '../../domain/severity.ts';

export interface AnnouncementLine {
  /** Whether an incident of this severity has to wait because many others of its kind were opened this minute. */
  mustWait(severity: Severity): Promise<boolean>;
  wait(event: IncidentOpened): Promise<void>;
}

/** High and critical incidents are announced at once, whatever else happens. */
export function mayWait(severity: Severity): boolean {
  return !isSevere(severity);
}

/** Lets so many incidents of medium severity and below through in a minute, over all processes; `announce-waiting` calls the others. */
export function announcementLine(deps: {
  readonly line: Pick<WaitingLine, 'countInMinute' | 'wait'>;
  readonly perMinute: number;
  readonly now: () => Date;
}): AnnouncementLine {
  const { line, perMinute, now } = deps;
  const rate = minuteRate({ count: (at) => line.countInMinute(at), perMinute, now });
  return {
    mustWait: async (severity) => mayWait(severity) && (await rate.isExceeded()),
    wait: (event) => line.wait(event),
  };
}
