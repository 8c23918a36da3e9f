import * as z from 'zod';

/** Lenient readings of single fields: `null`, a missing field and one of another type are all "not said". */
export const text = z.string().optional().catch(undefined);
export const number = z.number().optional().catch(undefined);
export const integer = z.number().int().optional().catch(undefined);
/** Seen as a boolean, and as its word in what a converter printed. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .optional()
  .catch(undefined);
export const anything = z.unknown().optional();

/** More elements than a finding has; the raw alert has them all. */
const MAX_ELEMENTS = 500;

/** Elements that can be read; the others are left out. */
export function list<T extends z.ZodType>(element: T) {
  return (
    z
      .array(z.unknown())
      // Missing and `null` are the usual case, and making an error of each would cost half the throughput.
      .nullish()
      .catch(undefined)
      .transform((items) =>
        (items ?? []).slice(0, MAX_ELEMENTS).flatMap((item): z.output<T>[] => {
          const parsed = element.safeParse(item);
          return parsed.success ? [parsed.data] : [];
        }),
      )
  );
}

export const texts = list(z.string());

/** An object that may be missing or `null`. */
export function part<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape).optional().catch(undefined);
}
