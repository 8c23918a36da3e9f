import * as z from 'zod';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';

/** What is needed to find Inspector's own record of an alert (rule 7), and how the alert came. */
const readBackSchema = z.lazy(() =>
  z.object({
    findingArn: z.string(),
    vulnerabilityId: z.string().optional(),
    /** Id of the resource, an ARN; for an image the only name its clusters can be asked by. */
    resourceId: z.string().optional(),
    region: z.string().optional(),
    /** `event`: an EventBridge event of the service itself, on the channel that only AWS can use. */
    vouchedBy: z.literal('event').optional(),
    eventId: z.string().optional(),
    eventAccount: z.string().optional(),
  }),
);
export type ReadBack = z.infer<typeof readBackSchema>;

/** @returns undefined when the strings are not ours: an alert that cannot be read back stays unconfirmed. */
export function parseReadBack(strings: Readonly<Record<string, string>>): ReadBack | undefined {
  const parsed = readBackSchema.safeParse(strings);
  return parsed.success ? parsed.data : undefined;
}

/** As the strings of the contract; absent and empty values are left out. */
export function writeReadBack(readBack: ReadBack & { readonly channel: string }): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [key, value] of Object.entries(readBack)) {
    if (typeof value === 'string' && value !== '') strings[key] = capped(value, SHORT_TEXT_CAP);
  }
  return strings;
}
