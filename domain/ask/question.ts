import { cleanText, visibleText } from '../evidence/clean.ts';

/** In UTF-16 code units, as typed. Longer is no question to a colleague but a text to be analysed, and nothing here does that. */
export const MAX_QUESTION = 500;

/** The question cannot be taken; the message says what to do and repeats nothing of it. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';
}

/**
 * A question as it may be stored and shown: one line, nothing hidden in it, no credential. It comes from a person, who may
 * have pasted it from anywhere, so it is treated as evidence is: as data.
 * @throws QuestionError
 */
export function cleanQuestion(raw: string): string {
  if (raw.length > MAX_QUESTION) throw new QuestionError(`a question has at most ${MAX_QUESTION} characters`);
  const text = cleanText(raw, { max: MAX_QUESTION });
  // Before the mark that says how much was hidden, which has words of its own.
  if (!/[\p{L}\p{N}]/u.test(visibleText(raw))) throw new QuestionError('a question has at least one word');
  return text;
}
