/** What a mapping may take: it runs on text that an attacker may have written. */
export const LIMITS = {
  milliseconds: 3_000,
  /** Evaluations of a node: the same for the same body on every machine, which a time is not. */
  steps: 100_000,
  recursion: 300,
  listLength: 10_000,
  outputCharacters: 1_000_000,
  outputValues: 20_000,
  outputDepth: 20,
  /** Of the mapping itself. */
  textLength: 100_000,
} as const;

export class MappingLimitError extends Error {
  override readonly name = 'MappingLimitError';
}
