import type { Duty } from '../config/approvals.ts';

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Whether a group is on duty now. Hours are local: daylight saving is the time zone's affair, not ours. */
export function isOnDuty(duty: Duty | undefined, now: Date): boolean {
  if (duty === undefined) return true;
  const { day, time } = localOf(duty.timeZone, now);
  const yesterday = WEEK[(WEEK.indexOf(day) + 6) % 7];
  const within = duty.windows.some(({ days, from, to }) => {
    const overnight = to <= from;
    const today = days.includes(day) && time >= from && (overnight || time < to);
    const sinceYesterday = overnight && days.some((name) => name === yesterday) && time < to;
    return today || sinceYesterday;
  });
  return within !== duty.outside;
}

function localOf(timeZone: string, now: Date): { readonly day: (typeof WEEK)[number]; readonly time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  const name = of('weekday').toLowerCase();
  const day = WEEK.find((candidate) => candidate === name);
  if (day === undefined) throw new Error(`Intl names no day of the week for ${timeZone}`);
  return { day, time: `${of('hour')}:${of('minute')}` };
}
