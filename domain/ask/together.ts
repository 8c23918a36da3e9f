import type { Reply, Sentence, Unknown } from './answer.ts';
import { replyOf } from './answer.ts';
import { LEFT_ASIDE, NOT_A_QUERY } from './answer-by-query.ts';

/** What a query answered in part, or not at all. Only then is a model worth its price. */
export function wantsModel({ kind, unknowns }: Reply): boolean {
  return kind === 'cannot-tell' || unknowns.some(({ text }) => text === LEFT_ASIDE.text);
}

/**
 * A query's answer with what a model added: the query's sentences first, because they are exact. A model that could not tell
 * either adds what is missing.
 */
export function together(
  query: Reply,
  model: { readonly sentences: readonly Sentence[]; readonly unknowns: readonly Unknown[] },
): Reply {
  const answered = model.sentences.length > 0;
  const asked = answered
    ? query.unknowns.filter(({ text }) => text !== LEFT_ASIDE.text && text !== NOT_A_QUERY.text)
    : query.unknowns;
  return replyOf(answered ? 'model' : 'query', query.queries, {
    sentences: [...query.sentences, ...model.sentences.map((one) => ({ ...one, by: 'model' as const }))],
    unknowns: [...asked, ...model.unknowns],
    subject: query.subject,
  });
}
