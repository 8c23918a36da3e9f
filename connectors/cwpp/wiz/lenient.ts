import * as z from 'zod';

/**
 * Building blocks for everything Wiz sends: a field that is missing, null or of another type is not there, lists may be
 * null, numbers may stand for texts. What is not there confirms nothing, so leniency never turns into a confirmation.
 */
export const text = z
  .unknown()
  .transform((value) => {
    if (typeof value === 'string') return value.trim() || undefined;
    return typeof value === 'number' ? String(value) : undefined;
  })
  .optional();
/** Whole and exactly representable: a number beyond 2^53 is not the number that was sent. */
export const integer = z.number().int().optional().catch(undefined);
export const decimal = z.number().finite().optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);

/** Elements of any list beyond this are not looked at. */
const MAX_ELEMENTS = 500;

export const texts = z
  .array(z.unknown())
  .catch([])
  .transform((items) =>
    items.slice(0, MAX_ELEMENTS).flatMap((item) => (typeof item === 'string' && item ? [item] : [])),
  );

/** A list of objects of which unreadable ones are left out; null is the empty list. */
export function list<T extends z.ZodType>(schema: T) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.slice(0, MAX_ELEMENTS).flatMap((item) => {
        const parsed = schema.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

/** A page of a GraphQL connection: `{nodes: […]}`, or null. */
export function nodes<T extends z.ZodType>(schema: T) {
  return z
    .object({ nodes: list(schema) })
    .transform((page) => page.nodes)
    .catch([]);
}

/** `{Name: "value"}`, or the list `[{key, value}]` of some API answers. */
export const tags = z
  .unknown()
  .transform((value): Readonly<Record<string, string>> => {
    const pairs = Array.isArray(value) ? value.flatMap(pairOf) : Object.entries(isRecord(value) ? value : {});
    const kept = pairs.flatMap(([key, of]) => (typeof of === 'string' ? [[key, of] as const] : []));
    return Object.fromEntries(kept.slice(0, 100));
  })
  .prefault(null);

function pairOf(item: unknown): [string, unknown][] {
  if (!isRecord(item)) return [];
  const { key, value } = item;
  return typeof key === 'string' ? [[key, value]] : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
