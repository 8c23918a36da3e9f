import { visibleText } from '../../../evidence/clean.ts';
import type { VerifierRule } from '../rule.ts';

/** Shorter than this with its separators gone, a mark could occur by chance. */
const LEAST = 10;

export const v10Marks: VerifierRule = {
  id: 'V10',
  protects:
    'against a model that was turned: it repeats the frame it was given, and nothing else it says is worth more',
  wants: 'never the boundary lines or the hidden mark.',
  answer(answer, { canary, boundary }) {
    const text = visibleText(JSON.stringify(answer) ?? '');
    if (holds(text, canary)) return 'the answer repeats the hidden mark of the instructions';
    if (holds(text, boundary)) return 'the answer repeats the boundary of the evidence';
    return undefined;
  },
};

/** Also in capitals and with something between its letters. */
function holds(text: string, mark: string): boolean {
  if (mark === '') return false;
  const bare = lettersOf(mark);
  return text.includes(mark) || (bare.length >= LEAST && lettersOf(text).includes(bare));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
