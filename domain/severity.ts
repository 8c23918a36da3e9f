import * as z from 'zod';

/** Ordered from least to most severe; the OCSF severity_id of each is its position + 1 (Informational = 1 … Critical = 5). */
export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;

export const severitySchema = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severitySchema>;

/** 0 (informational) to 4 (critical); use it only to compare. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Severe enough that nobody is made to wait for it and nothing else stands in its way. */
export function isSevere(severity: Severity): boolean {
  return severityRank(severity) >= severityRank('high');
}

/** The higher of two: severity is only ever raised by what arrives later (rule 1). */
export function maxSeverity(a: Severity, b: Severity): Severity {
  return severityRank(a) >= severityRank(b) ? a : b;
}

/** OCSF severity_id: 1 Informational, 2 Low, 3 Medium, 4 High, 5 Critical (schema 1.8.0). */
export function ocsfSeverityId(severity: Severity): 1 | 2 | 3 | 4 | 5 {
  switch (severity) {
    case 'informational':
      return 1;
    case 'low':
      return 2;
    case 'medium':
      return 3;
    case 'high':
      return 4;
    case 'critical':
      return 5;
  }
}
