import type { EvidencePack } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { LookUpOutput } from '../../domain/models/tools.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';

/** What one question is about. */
export interface Subject {
  readonly incident: Incident;
  readonly findings: readonly NormalizedFinding[];
  readonly pack: EvidencePack;
  /** Nothing is waited for beyond it. */
  readonly deadline: Date;
}

export function refused(reason: string): LookUpOutput {
  return { outcome: 'refused', reason };
}
