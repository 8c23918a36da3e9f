import type { LookUpInput, LookUpOutput } from '../../domain/models/tools.ts';

/** Where more evidence is read: another function with reading credentials, which the asking one does not have. */
export interface LookUp {
  /** @throws LookUpError when the function could not be asked; what a source did not give is a gap in the answer */
  ask(input: LookUpInput): Promise<LookUpOutput>;
}

export class LookUpError extends Error {
  override readonly name = 'LookUpError';
}
