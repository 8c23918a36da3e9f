/**
 * The object without the properties that are undefined, the same one if there are none: what is not known is absent, because an absent attribute and
 * an undefined one are different things to a store, to a digest and to a whole-object comparison.
 * For the contract's types, whose optional properties read `name?: T | undefined`.
 */
export function present<T extends object>(value: T): T {
  let absent = false;
  for (const key in value) absent ||= value[key] === undefined;
  if (!absent) return value;
  const kept: Partial<T> = {};
  for (const key in value) {
    if (value[key] !== undefined) kept[key] = value[key];
  }
  // True for every type whose properties that may be undefined are optional, which is the only kind handed in.
  // (Deleting in place would need no assertion, but turns the object into a slow one: half the throughput.)
  return kept as T;
}

/** The list, or undefined when it is empty: OCSF leaves empty lists out. */
export function some<T>(values: readonly T[]): T[] | undefined {
  return values.length > 0 ? [...values] : undefined;
}

/** The object without undefined properties, or undefined when nothing remains. */
export function anyOf<T extends object>(value: T): T | undefined {
  const kept = present(value);
  return Object.keys(kept).length > 0 ? kept : undefined;
}
