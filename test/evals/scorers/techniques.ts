import type { Counts } from './sets.ts';

const parentOf = (id: string): string => id.split('.')[0] ?? id;

/** Whether one is the other's parent. Two sub-techniques of one parent are as wrong as any. */
function related(a: string, b: string): boolean {
  return a !== b && (parentOf(a) === b || parentOf(b) === a);
}

/**
 * Ids given against ids expected. The same id is a hit, a parent for its sub-technique (or the other way) half of one;
 * each expected id can be hit once. Ids that are `acceptable`, or the parent or child of what was hit exactly, neither
 * help nor hurt.
 */
export function scoreTechniques(
  given: readonly string[],
  expected: readonly string[],
  acceptable: readonly string[] = [],
): Counts {
  const told = [...new Set(given)];
  const wanted = [...new Set(expected)];
  const exact = wanted.filter((id) => told.includes(id));
  let half = 0;
  const used = new Set<string>(exact);
  for (const id of wanted.filter((one) => !exact.includes(one))) {
    const near = told.find((one) => !used.has(one) && related(one, id));
    if (near === undefined) continue;
    used.add(near);
    half += 1;
  }
  const neutral = (id: string): boolean =>
    !used.has(id) && (acceptable.includes(id) || exact.some((hit) => related(hit, id)));
  return {
    hits: exact.length + half / 2,
    given: told.filter((id) => !neutral(id)).length,
    expected: wanted.length,
  };
}
