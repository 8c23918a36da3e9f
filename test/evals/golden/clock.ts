import type { EvidenceDraft, EvidencePartName } from '../../../domain/evidence/pack.ts';

export type Drafts = Partial<Record<EvidencePartName, readonly EvidenceDraft[]>>;

/** The time of the first alert, and of the reading a quarter of an hour later. */
export interface Clock {
  readonly first: number;
}

export const at = ({ first }: Clock, seconds = 0): string => new Date(first + seconds * 1000).toISOString();
