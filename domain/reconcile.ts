import * as z from 'zod';
import { sourceSchema } from './source.ts';

/**
 * What the states of `state-machines/reconcile.asl.json` hand to each other: one source, and where an invocation that ran
 * out of time left off. The page token is the vendor's and only ever goes back to it.
 */
export const resumeSchema = z.lazy(() =>
  z.object({
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    /** The cursor when this period was begun; null: there was none. Another poller that moved it meanwhile has won. */
    cursor: z.iso.datetime().nullable(),
    next: z.string().max(8_000).nullable(),
    alerts: z.number().int().nonnegative(),
  }),
);
export type Resume = z.infer<typeof resumeSchema>;

/** -> poll */
export const pollInputSchema = z.object({ source: sourceSchema, resume: resumeSchema.nullable() });
/** poll -> Choice. `more`: call again with `resume` (null: from the cursor). */
export const pollOutputSchema = z.lazy(() =>
  z.object({
    source: sourceSchema,
    more: z.boolean(),
    resume: resumeSchema.nullable(),
    alerts: z.number().int().nonnegative(),
    reason: z.string(),
  }),
);

/** Records appear in a vendor's lists later than their time says. */
export const OVERLAP_MS = 10 * 60_000;
/** The push gets this head start; else what is on its way would count as found by the poll only. */
export const SETTLE_MS = 2 * 60_000;
/** A first poll does not open incidents for the past of a tenant. */
export const FIRST_LOOK_MS = 60 * 60_000;
/** After an outage the gap is closed piece by piece, so that a failing page costs a piece and not everything. */
export const LONGEST_PERIOD_MS = 6 * 3_600_000;

/** The period to ask for next; undefined when nothing has settled since the cursor. */
export function nextPeriod(
  cursor: string | undefined,
  now: Date,
): { readonly since: string; readonly until: string } | undefined {
  const settled = now.getTime() - SETTLE_MS;
  const from = cursor === undefined ? settled - FIRST_LOOK_MS : Date.parse(cursor);
  const until = Math.min(settled, from + LONGEST_PERIOD_MS);
  if (until <= from) return undefined;
  return { since: new Date(from - OVERLAP_MS).toISOString(), until: new Date(until).toISOString() };
}
