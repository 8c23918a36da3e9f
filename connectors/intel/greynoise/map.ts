import { type Answer, NOT_KNOWN, opinion } from '../port.ts';
import type { CommunityAnswer } from './schema.ts';

/**
 * Whoever scans the whole internet also scans us: as a caller that is background noise, as a destination of our own
 * workload it is not. A business service is a sign for a false positive, no proof: attackers use such services too.
 */
export function opinionOf(
  { noise, riot, classification }: CommunityAnswer,
  ourSide: 'client' | 'server' | 'unknown',
): Answer {
  if (riot) return opinion('harmless', 'an address of a common business service', -1.5);
  if (classification === 'malicious')
    return ourSide === 'server'
      ? opinion('suspicious', 'scans the internet and is classified as malicious', 0.3)
      : opinion('malicious', 'classified as malicious, and our side called it', 1.5);
  if (noise && ourSide === 'server') return opinion('harmless', 'scans the whole internet, not us alone', -0.5);
  return noise ? opinion('unknown', `scans the internet, classified as ${words(classification)}`, 0) : NOT_KNOWN;
}

function words(classification: string): string {
  return ['benign', 'suspicious'].includes(classification) ? classification : 'unknown';
}
