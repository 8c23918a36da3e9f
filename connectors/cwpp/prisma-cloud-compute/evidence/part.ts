import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import type { ComputeClient } from '../client.ts';
import type { ConsoleAttempts } from './attempt.ts';
import type { Subjects } from './subjects.ts';

/** What the reading of one part works with. */
export interface PartContext {
  readonly compute: ComputeClient;
  readonly attempts: ConsoleAttempts;
  readonly findings: readonly NormalizedFinding[];
  readonly subjects: Subjects;
  readonly settings: EvidenceSettings;
  readonly deadline: Date;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface EvidenceSettings {
  /** Activity is read so many minutes before the first and after the last event. */
  readonly minutesAround: number;
  /** Containers, images and hosts of one incident that are looked at; each costs several calls. */
  readonly maxSubjects: number;
  /**
   * The console collects a forensic snapshot about a minute after the incident (reference 4.2): a log that is still
   * empty is read once more so long after the last event, when the deadline leaves time for it.
   */
  readonly forensicDelayMs: number;
}

export const DEFAULT_SETTINGS: EvidenceSettings = { minutesAround: 30, maxSubjects: 3, forensicDelayMs: 95_000 };

export type PartReader = (context: PartContext) => Promise<readonly EvidenceDraft[]>;

/** The first of them; what is left out is a gap. */
export function firstOf<T>(context: PartContext, what: string, subjects: readonly T[]): readonly T[] {
  const { maxSubjects } = context.settings;
  const rest = subjects.length - maxSubjects;
  if (rest > 0) context.attempts.note('findings', `${rest} further ${what}`, `${maxSubjects} ${what} are looked at`);
  return subjects.slice(0, maxSubjects);
}
