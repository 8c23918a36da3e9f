import type { EvidencePack } from '../evidence/pack.ts';
import { factsOf } from './rules/facts.ts';

/**
 * What the vendor said when it was asked about the alerts (rule 7). Only answers count that were read back from a system
 * of record: a confirmation that stands in the alert itself is the alert vouching for itself.
 */
export interface Confirmation {
  /** At least one alert was confirmed: there is something to judge. */
  readonly any: boolean;
  /** Every answer was a confirmation and there is at least one: the incident may lead to actions. */
  readonly all: boolean;
  /** The evidence that holds the answers. */
  readonly evidence: readonly string[];
}

/**
 * One denied alert keeps the whole incident unconfirmed: a forged alert that was clustered with real ones may have added
 * the very evidence an action would stand on. People still see everything; only execution waits.
 */
export function confirmationOf(pack: EvidencePack): Confirmation {
  const answers = factsOf(pack, 'confirmation').filter(
    ({ item }) => item.source !== 'alert' && item.trust !== 'attacker_influenced',
  );
  const confirmed = answers.filter(({ fact }) => fact.confirmed);
  return {
    any: confirmed.length > 0,
    all: confirmed.length > 0 && confirmed.length === answers.length,
    evidence: answers.map(({ item }) => item.id),
  };
}
