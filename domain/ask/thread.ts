import { cleanText } from '../evidence/clean.ts';
import type { AskContext } from './answer-by-query.ts';
import type { Exchange } from './exchange.ts';

/** Turns that are remembered for the next question. */
export const REMEMBERED_TURNS = 6;
/** Longer threads are a new matter; it also bounds what one key of the table holds. */
export const MOST_TURNS = 200;

/** What `it` is, and what `and the other one?` asks: of the newest turn that was about something. `turns`: oldest first. */
export function contextOf(turns: readonly Pick<Exchange, 'subject' | 'queries'>[]): AskContext {
  const newest = [...turns].slice(-REMEMBERED_TURNS).reverse();
  return {
    subject: newest.find(({ subject }) => subject !== undefined)?.subject,
    queries: newest.find(({ queries }) => queries.length > 0)?.queries,
  };
}

/**
 * What was said before, for a model: data as much as the evidence is, because a question may have been pasted from anywhere.
 * Only sentences that stood, with what they stand on.
 */
export function threadView(turns: readonly Pick<Exchange, 'question' | 'sentences' | 'kind'>[]): string {
  return JSON.stringify(
    turns.slice(-REMEMBERED_TURNS).map(({ question, kind, sentences }) => ({
      question,
      answer:
        kind === 'cannot-tell'
          ? []
          : sentences.slice(0, 8).map(({ text, evidence }) => ({ text: cleanText(text, { max: 400 }), evidence })),
    })),
  );
}
