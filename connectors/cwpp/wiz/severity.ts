import type { Severity } from '../../../domain/severity.ts';

const WORDS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  informational: 'informational',
  info: 'informational',
  none: 'informational',
};

/** A severity nobody can read must not make an alert wait behind others. */
export const UNREADABLE_SEVERITY = 'high' satisfies Severity;

/** A word of Wiz in any case. Numbers are not read: whether 1 is the best or the worst is not said. */
export function severityOf(word: string | undefined): Severity | undefined {
  const key = word?.trim().toLowerCase() ?? '';
  return Object.hasOwn(WORDS, key) ? WORDS[key] : undefined;
}
