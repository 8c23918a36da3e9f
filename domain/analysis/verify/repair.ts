import type { Violation } from './claims.ts';
import { VERIFIER_RULES } from './verifier-rules.ts';

const MOST_PLACES = 20;

/**
 * The text of the one repair turn: which rule was broken where, and what it wants. Machine-written from ids and places; the
 * rejected text is not repeated, because it would be read as something that was said.
 */
export function repairTurn(violations: readonly Violation[]): string {
  const lines = VERIFIER_RULES.flatMap(({ id, wants }) => {
    const places = [...new Set(violations.filter(({ rule }) => rule === id).map(({ where }) => where))];
    if (places.length === 0) return [];
    const rest = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
    return [`${id} (${places.slice(0, MOST_PLACES).join(', ')}${rest}): ${wants}`];
  });
  return [
    'Parts of your answer were thrown away. Each line names a rule, the places, and what the rule wants:',
    ...lines,
    'Give the whole answer once more as the JSON object that was described. Say otherwise what can be said; leave out the rest. There is no further turn.',
  ].join('\n');
}

/** The same where asking again is worth a call; an answer that was turned (V10) is not repaired but given up. */
export function repairFor(violations: readonly Violation[]): string | undefined {
  if (violations.length === 0 || violations.some(({ rule }) => rule === 'V10')) return undefined;
  return repairTurn(violations);
}
