import * as z from 'zod';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { Alert } from './schema.ts';

/** What is needed to find the vendor's own record of an alert, and to see that it is the same one (rule 7). */
export const readBackSchema = z.lazy(() =>
  z.object({
    alertId: z.string().optional(),
    policyId: z.string().optional(),
    resourceId: z.string().optional(),
    resourceName: z.string().optional(),
    resourceType: z.string().optional(),
    accountId: z.string().optional(),
    rrn: z.string().optional(),
  }),
);
export type ReadBack = z.infer<typeof readBackSchema>;

/** @returns undefined when the strings are not ours: an alert that cannot be read back stays unconfirmed. */
export function parseReadBack(strings: Readonly<Record<string, string>>): ReadBack | undefined {
  const parsed = readBackSchema.safeParse(strings);
  return parsed.success ? parsed.data : undefined;
}

/** As the strings of the contract; what is empty is left out. */
export function writeReadBack(alert: Alert): Record<string, string> {
  const { alertId, policyId, resourceId, resourceName, resourceType, accountId, rrn } = alert;
  const strings: Record<string, string> = {};
  for (const [key, value] of Object.entries({
    alertId,
    policyId,
    resourceId,
    resourceName,
    resourceType,
    accountId,
    rrn,
  })) {
    if (value !== '') strings[key] = capped(value, SHORT_TEXT_CAP);
  }
  return strings;
}
