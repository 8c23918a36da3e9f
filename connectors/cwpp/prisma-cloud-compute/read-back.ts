import * as z from 'zod';
import { capped, SHORT_TEXT_CAP } from '../../../domain/ocsf/text.ts';
import type { VendorTime } from './time.ts';

/**
 * What is needed to find the vendor's own record of an alert (rule 7). It is a record of strings in the contract, so it
 * is written here and read here only.
 */
const isoTime = z.iso.datetime();
export const readBackSchema = z.lazy(() =>
  z.discriminatedUnion('record', [
    z.object({
      record: z.literal('incident'),
      incidentId: z.string().optional(),
      category: z.string(),
      containerID: z.string().optional(),
      hostname: z.string().optional(),
      from: isoTime,
      to: isoTime,
    }),
    z.object({
      record: z.enum(['container-audit', 'host-audit']),
      category: z.string(),
      rule: z.string().optional(),
      containerID: z.string().optional(),
      containerName: z.string().optional(),
      hostname: z.string().optional(),
      from: isoTime,
      to: isoTime,
    }),
    z.object({
      record: z.literal('container-firewall'),
      category: z.string(),
      rule: z.string().optional(),
      containerID: z.string().optional(),
      containerName: z.string().optional(),
      image: z.string().optional(),
      from: isoTime,
      to: isoTime,
    }),
    z.object({
      record: z.literal('host-firewall'),
      category: z.string(),
      rule: z.string().optional(),
      hostname: z.string().optional(),
      from: isoTime,
      to: isoTime,
    }),
    z.object({
      record: z.literal('admission'),
      rule: z.string().optional(),
      message: z.string().optional(),
      cluster: z.string().optional(),
      namespace: z.string().optional(),
      from: isoTime,
      to: isoTime,
    }),
    z.object({ record: z.literal('image'), imageID: z.string().optional(), image: z.string().optional() }),
    z.object({ record: z.literal('host'), hostname: z.string() }),
    /** Audits of serverless functions, app-embedded and agentless ones: Parapet has no call for them. */
    z.object({ record: z.literal('none'), why: z.string() }),
  ]),
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

/** Defender folds events of 15 minutes and sends them up to 10 minutes later, so record and alert may be that far apart. */
const AROUND_MS = 30 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** The time range in which the vendor's record must lie. */
export function rangeAround(time: VendorTime): { readonly from: string; readonly to: string } {
  const length = time.precision === 'day' ? DAY_MS : 0;
  return {
    from: new Date(time.at - AROUND_MS).toISOString(),
    to: new Date(time.at + length + AROUND_MS).toISOString(),
  };
}

/** The time range of one alert, widened to hold the first and the last event of all. */
export function widened(
  range: { readonly from: string; readonly to: string },
  events: { readonly first: number; readonly last: number },
): { readonly from: string; readonly to: string } {
  return {
    from: new Date(Math.min(Date.parse(range.from), events.first - AROUND_MS)).toISOString(),
    to: new Date(Math.max(Date.parse(range.to), events.last + AROUND_MS)).toISOString(),
  };
}
