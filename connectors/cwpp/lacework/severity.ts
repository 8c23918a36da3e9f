import type { Severity } from '../../../domain/severity.ts';

/** Inverted numbers in pushes (1 is the worst), words in the API; either may come as text (reference 0.4). */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  '1': 'critical',
  '2': 'high',
  '3': 'medium',
  '4': 'low',
  '5': 'informational',
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'informational',
  informational: 'informational',
};

/** What stands in for a severity nobody can read: neither hidden nor an alarm. */
export const UNKNOWN_SEVERITY: Severity = 'medium';

export function severityOf(text: string): Severity | undefined {
  const key = text.trim().toLowerCase();
  return Object.hasOwn(SEVERITIES, key) ? SEVERITIES[key] : undefined;
}
