import type { Severity } from '../../../domain/severity.ts';

export const PRIORITIES = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'informational',
  'debug',
] as const;
export type Priority = (typeof PRIORITIES)[number];

const OTHER_SPELLINGS: Readonly<Record<string, Priority>> = {
  info: 'informational',
  warn: 'warning',
  err: 'error',
  crit: 'critical',
  emerg: 'emergency',
};

/** Falco's word, whatever its case; rule files write INFO where the event says Informational. */
export function priorityOf(word: string): Priority | undefined {
  const key = word.trim().toLowerCase();
  if (Object.hasOwn(OTHER_SPELLINGS, key)) return OTHER_SPELLINGS[key];
  return PRIORITIES.find((priority) => priority === key);
}

/** A warning about one of these is somebody who acts: run code, take credentials, gain rights, stay, or leave the container. */
const ACTING_TACTICS: ReadonlySet<string> = new Set(['TA0002', 'TA0003', 'TA0004', 'TA0006', 'TA0040']);

/**
 * Severity of an event. Falco's priority is the rule author's urgency in syslog's words; its default rules warn of
 * stolen credentials and note shells, so what the rule is tagged with and where it happened raise the lower ones.
 */
export function severityOf(
  priority: Priority,
  event: { readonly tactics: readonly string[]; readonly inContainer: boolean },
): Severity {
  switch (priority) {
    case 'emergency':
    case 'alert':
    case 'critical':
      return 'critical';
    case 'error':
      return 'high';
    case 'warning':
      return event.tactics.some((id) => ACTING_TACTICS.has(id)) ? 'high' : 'medium';
    case 'notice':
      return event.inContainer ? 'medium' : 'low';
    case 'informational':
    case 'debug':
      return 'informational';
  }
}

/** For a word Falco added after this table was written: neither ignored nor alarming on its own. */
export const UNKNOWN_PRIORITY_SEVERITY: Severity = 'medium';
