import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import type { NormalizedFinding } from '../../../../domain/ocsf/detection-finding.ts';
import type { WizClient } from '../client.ts';
import type { WizAttempts } from './attempt.ts';

/** What the reading of one part works with. */
export interface PartContext {
  readonly wiz: WizClient;
  readonly attempts: WizAttempts;
  readonly findings: readonly NormalizedFinding[];
  readonly now: () => Date;
}

export type PartReader = (context: PartContext) => Promise<readonly EvidenceDraft[]>;

/** Issues, detections and resources of one incident that context is read for; each costs several calls. */
export const MAX_SUBJECTS = 3;

/** The first of them; what is left out is a gap. */
export function firstOf<T>(
  { attempts }: PartContext,
  what: string,
  all: readonly T[],
  max = MAX_SUBJECTS,
): readonly T[] {
  if (all.length > max)
    attempts.note('findings', `${all.length - max} further ${what}`, `${max} ${what} are looked at`);
  return all.slice(0, max);
}
