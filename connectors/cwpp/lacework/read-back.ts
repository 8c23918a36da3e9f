import * as z from 'zod';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import { isAlertId } from './identity.ts';

/**
 * What is needed to read an alert back, and what the push claimed about it (rule 7). Written here and read here only; it
 * goes into path parts and comparisons, nowhere else.
 */
export const readBackSchema = z.lazy(() =>
  z.object({
    alertId: z.string().refine(isAlertId),
    tenant: z.string().optional(),
    title: z.string().optional(),
    type: z.string().optional(),
    /** The vendor's number of the machine, so that activity can be asked for without a further look-up. */
    mid: z.string().optional(),
    imageId: z.string().optional(),
  }),
);
export type ReadBack = z.infer<typeof readBackSchema>;

/** @returns undefined when the strings are not ours: an alert that cannot be read back stays unconfirmed. */
export function parseReadBack(strings: Readonly<Record<string, string>>): ReadBack | undefined {
  const parsed = readBackSchema.safeParse(strings);
  return parsed.success ? parsed.data : undefined;
}

/** As the strings of the contract; absent and empty values are left out. */
export function writeReadBack(readBack: ReadBack): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [key, value] of Object.entries(readBack)) {
    if (typeof value === 'string' && value !== '') strings[key] = capped(value, SHORT_TEXT_CAP);
  }
  return strings;
}
