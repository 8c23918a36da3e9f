import type { EvidencePack } from '../../evidence/pack.ts';
import { factsOf, type Piece } from './facts.ts';

/** Shorter observation makes everything new. */
const DAYS_TO_COUNT = 3;

/**
 * Anomalies that strengthen: a process, a network or a name that long observation never showed, and that no vendor's
 * profile lists either. Their absence is read nowhere: what is usual may still be an attack (rule 1).
 */
export function countedAnomalies(pack: EvidencePack): Piece<'anomaly'>[] {
  const learned = factsOf(pack, 'learned-behaviour');
  const usual = {
    process: new Set(learned.flatMap(({ fact }) => fact.processes)),
    domain: new Set(learned.flatMap(({ fact }) => fact.domains.map((domain) => domain.toLowerCase()))),
    // A profile lists ports, no networks.
    network: new Set<string>(),
  };
  return factsOf(pack, 'anomaly').filter(({ fact: { dimension, value, neverSeenBefore, observedForDays } }) => {
    if (!neverSeenBefore || observedForDays < DAYS_TO_COUNT) return false;
    return dimension !== 'file-area' && dimension !== 'user' && !usual[dimension].has(value);
  });
}
