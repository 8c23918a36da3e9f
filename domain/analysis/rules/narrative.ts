import type { Claim } from '../analysis.ts';
import type { Investigation } from './investigation.ts';
import { activityClaims } from './narrative-activity.ts';
import { exposureClaims } from './narrative-exposure.ts';
import { alertClaims, placeClaims } from './narrative-place.ts';
import { surroundingsClaims } from './narrative-surroundings.ts';
import { unusualClaims } from './unusual.ts';

/** More would not be read; what is left out stays in the evidence. */
const MAX_CLAIMS = 40;

/** What happened, in the order a person asks: where and what was reported, what ran, how it may have come in, what it can reach. */
export function narrative(investigation: Investigation): Claim[] {
  return [
    ...placeClaims(investigation),
    ...alertClaims(investigation),
    ...activityClaims(investigation),
    ...unusualClaims(investigation),
    ...exposureClaims(investigation),
    ...surroundingsClaims(investigation),
  ].slice(0, MAX_CLAIMS);
}
