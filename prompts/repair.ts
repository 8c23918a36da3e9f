import { PROMPT } from './generated/repair.ts';
import { fill } from './render.ts';

/** The repair turn as it was compiled; identity and hash go into the audit entry of each call that holds one. */
export const REPAIR = repairBy(PROMPT);

export interface RepairText {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly user: string;
}

/** @param broken what `repairFor` (domain/analysis/verify) made of ids and rule names; never what a model said */
export function repairBy({ id, version, sha256, user }: RepairText) {
  return { id, version, sha256, write: (broken: string): string => fill(user, { broken }) };
}
