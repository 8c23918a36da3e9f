import * as z from 'zod';

/** What one source says of an address, a name or a hash. `unknown`: it was asked and does not know it. */
export const opinionSchema = z.lazy(() =>
  z.object({
    verdict: z.enum(['malicious', 'suspicious', 'harmless', 'unknown']),
    /** Numbers and our own words only: text a community wrote never gets into the evidence. */
    detail: z.string(),
    /** Evidence for (above 0) or against (below 0) it being malicious, in log-odds; 0 for `unknown`. */
    weight: z.number(),
  }),
);
export type Opinion = z.infer<typeof opinionSchema>;

/** Before anybody is asked: of the indicators of a confirmed alert, one in four is taken to be hostile. Ours, not measured. */
const PRIOR_LOG_ODDS = Math.log(0.25 / 0.75);
const MOST_FOR = 4;
const MOST_AGAINST = -2.5;

/** From this confidence on an indicator counts as known to be malicious. One source about an address never reaches it. */
export const MALICIOUS_CONFIDENCE = 70;

/**
 * One number, 0 to 100, from all opinions; undefined when nobody has one: not being known is no sign of anything. The
 * sources copy from each other, so that on each side the strongest counts fully and the others half.
 */
export function confidenceOf(opinions: readonly Opinion[]): number | undefined {
  const held = opinions.filter(({ verdict }) => verdict !== 'unknown');
  if (held.length === 0) return undefined;
  const sum =
    folded(held.map(({ weight }) => Math.max(0, weight))) - folded(held.map(({ weight }) => Math.max(0, -weight)));
  const logOdds = PRIOR_LOG_ODDS + Math.min(MOST_FOR, Math.max(MOST_AGAINST, sum));
  return Math.round(100 / (1 + Math.exp(-logOdds)));
}

function folded(weights: readonly number[]): number {
  const strongest = Math.max(0, ...weights);
  return strongest + (weights.reduce((sum, weight) => sum + weight, 0) - strongest) / 2;
}
