import * as z from 'zod';
import { capped, LONG_TEXT_CAP } from '../../../domain/ocsf/text.ts';

/** Lists beyond this are cut; the raw alert has them all. */
export const MAX_LIST = 200;

/**
 * A value as text: ids and severities come as text and as number, in one and the same field (reference 1.2). What is
 * neither is nothing. Details of machines stand in an extra pair of single quotes (reference 2.3).
 */
export function textOf(value: unknown, max = LONG_TEXT_CAP): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value !== 'string') return '';
  const trimmed = value.toWellFormed().trim();
  const bare = /^'(.*)'$/s.exec(trimmed)?.[1] ?? trimmed;
  return capped(bare, max);
}

/** One text or a list of them, each once. */
export function textsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value.slice(0, MAX_LIST) : [value];
  return [...new Set(values.map((item) => textOf(item)).filter((item) => item !== ''))];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field whose type nobody promises: never an error, empty when there is nothing. */
export const text = z
  .unknown()
  .transform((value) => textOf(value))
  .prefault(null);

/** An advisory's description: the CVEs it is about may stand far back. */
export const longText = z
  .unknown()
  .transform((value) => textOf(value, 20_000))
  .prefault(null);

/** The elements of a list that are objects of the given shape; a list that is none is empty. */
export function listOf<T extends z.ZodType>(schema: T) {
  return z
    .unknown()
    .transform((value): z.output<T>[] => {
      const items = Array.isArray(value) ? value.slice(0, MAX_LIST) : [];
      return items.flatMap((item) => {
        const parsed = schema.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      });
    })
    .prefault(null);
}

/** A whole number in either form; undefined for anything else. */
export function integerOf(value: unknown): number | undefined {
  const read = textOf(value);
  if (!/^-?\d{1,15}$/.test(read)) return undefined;
  return Number(read);
}
