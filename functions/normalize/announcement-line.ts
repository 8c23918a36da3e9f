import type { WaitingLine } from '../../connectors/store/intake-ports.ts';
import type { IncidentOpened } from '../../domain/events.ts';
import { type Severity, severityRank } from '../../domain/severity.ts';

export interface AnnouncementLine {
  /** Whether an incident of this severity has to wait because many others of its kind were opened this minute. */
  mustWait(severity: Severity): Promise<boolean>;
  wait(event: IncidentOpened): Promise<void>;
}

/** High and critical incidents are announced at once, whatever else happens. */
export function mayWait(severity: Severity): boolean {
  return severityRank(severity) < severityRank('high');
}

/**
 * Lets so many incidents of medium severity and below through in a minute, over all processes; `announce-waiting` calls the others. A
 * process that met the limit asks no more in that minute, so that a flood does not become a flood of counting.
 */
export function announcementLine(deps: {
  readonly line: Pick<WaitingLine, 'countInMinute' | 'wait'>;
  readonly perMinute: number;
  readonly now: () => Date;
}): AnnouncementLine {
  const { line, perMinute, now } = deps;
  let fullMinute = '';
  return {
    async mustWait(severity) {
      if (!mayWait(severity)) return false;
      const at = now();
      const minute = at.toISOString().slice(0, 16);
      if (minute === fullMinute) return true;
      if ((await line.countInMinute(at)) <= perMinute) return false;
      fullMinute = minute;
      return true;
    },
    wait: (event) => line.wait(event),
  };
}
