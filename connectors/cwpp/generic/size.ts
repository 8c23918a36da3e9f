interface SizeLimits {
  readonly outputCharacters: number;
  readonly outputValues: number;
  readonly outputDepth: number;
}

/**
 * In what a value is too large, if it is. Looked at before it is written as JSON: a text of a gigabyte costs nothing until
 * somebody reads it.
 */
export function excessOf(value: unknown, limits: SizeLimits): string | undefined {
  let characters = 0;
  let values = 0;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.outputDepth) return `nested deeper than ${limits.outputDepth}`;
    values += level.length;
    if (values > limits.outputValues) return `more than ${limits.outputValues} values`;
    characters += level.reduce<number>((sum, one) => sum + ownCharacters(one), 0);
    if (characters > limits.outputCharacters) return `more than ${limits.outputCharacters} characters`;
    level = level.flatMap((one) => membersOf(one));
  }
  return undefined;
}

function ownCharacters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0;
  return Object.keys(value).reduce((sum, key) => sum + key.length, 0);
}

function membersOf(value: unknown): unknown[] {
  // The marks of JSONata's lists are no values of theirs.
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
