import { drop, type VerifierRule } from '../rule.ts';

/** Limits on what a model may write. */
export const LIMITS = {
  headline: 200,
  text: 600,
  claims: 40,
  unknowns: 20,
  citations: 12,
  entities: 24,
  answer: 100_000,
} as const;

/**
 * The shape itself is checked by the schema before any rule (verify.ts): nothing could be read otherwise. It comes first
 * among the rules, because the others take time that grows with the text.
 */
export const v1Shape: VerifierRule = {
  id: 'V1',
  protects: 'readers from floods, and the pipeline from answers that take long to check',
  wants: `sentences of at most ${LIMITS.text} characters (headline ${LIMITS.headline}), at most ${LIMITS.citations} citations each, at most ${LIMITS.claims} sentences.`,
  most: (limit) => limit,
  answer: (answer) => (isLonger(answer, LIMITS.answer) ? 'the answer is too long to be read' : undefined),
  claim({ text, evidence, entities }, { max }) {
    if (text.trim() === '') return drop('is empty');
    if (text.length > max) return drop(`is longer than ${max} characters`);
    if (evidence.length > LIMITS.citations) return drop(`cites more than ${LIMITS.citations} pieces of evidence`);
    if (entities.length > LIMITS.entities) return drop(`names more than ${LIMITS.entities} entities`);
    return undefined;
  },
};

/** Whether a value has more than so many characters and members, looking no further than that. */
function isLonger(value: unknown, most: number): boolean {
  let left = most;
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && left >= 0) {
    const next = waiting.pop();
    left -= typeof next === 'string' ? next.length + 1 : 1;
    if (next === null || typeof next !== 'object') continue;
    for (const [key, member] of Object.entries(next)) {
      left -= Array.isArray(next) ? 0 : key.length;
      if (left < 0) return true;
      waiting.push(member);
    }
  }
  return left < 0;
}
