import type { Violation } from './claims.ts';
import { VERIFIER_RULES } from './verifier-rules.ts';

const MOST_PLACES = 20;

/**
 * What is filled into the one repair turn (`prompts/repair.prompt.md`), a line for each rule: where it was broken, and what it
 * wants. Machine-written from ids and places; the rejected text is not repeated, because it would be read as something that
 * was said.
 */
export function brokenRules(violations: readonly Violation[]): string {
  return VERIFIER_RULES.flatMap(({ id, wants }) => {
    const places = [...new Set(violations.filter(({ rule }) => rule === id).map(({ where }) => where))];
    if (places.length === 0) return [];
    const rest = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
    return [`${id} (${places.slice(0, MOST_PLACES).join(', ')}${rest}): ${wants}`];
  }).join('\n');
}

/** The same where asking again is worth a call; an answer that was turned (V10) is not repaired but given up. */
export function repairFor(violations: readonly Violation[]): string | undefined {
  if (violations.length === 0 || violations.some(({ rule }) => rule === 'V10')) return undefined;
  return brokenRules(violations);
}
