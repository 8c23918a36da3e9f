import { QUERY_KINDS, type QueryKind } from './answer.ts';
import { NEVER, PHRASINGS } from './phrasings.ts';

/** What of a question is a query, and what of it is not. */
export interface RoutedQuestion {
  /** In the order in which they were asked, each once. */
  readonly queries: readonly QueryKind[];
  /** Clauses that ask for something else. */
  readonly others: number;
  /** `And 203.0.113.50?`: the question before, about something else. */
  readonly carriesOn: boolean;
}

const POLITE =
  /^(?:(?:hi|hello|hey|ok|okay|so|and|now|also|then|but|please|thanks)[,!]?\s+)*(?:(?:can|could|would) you (?:please )?(?:tell|show|say|list|give|explain)(?: to)?(?: me| us)?\s+|(?:please )?(?:tell|show|give) (?:me|us)\s+|i(?:'d like| want| need) to know\s+|do (?:you|we) know\s+)?(?:please\s+)?/;
const QUESTION_WORD =
  '(?:what|who|whom|whose|which|where|when|why|how|did|does|do|is|was|were|are|has|have|may|can|could|should|would|will|any|list|show|explain|describe)';
const CLAUSES = new RegExp(`[?;]+|\\.\\s+|,?\\s+(?:and|but|or)\\s+(?=(?:also\\s+|then\\s+)?${QUESTION_WORD}\\b)`);
const IS_QUESTION = new RegExp(`^${QUESTION_WORD}\\b`);
const CARRIES_ON = /^(?:(?:and|but|so|then)\s+)?(?:what|how) about\b|^and\b/;

/**
 * Which queries a clean question asks for. By words alone, so that the same question always goes the same way; English only.
 * A clause that is none of them counts as another question: it is not guessed at.
 */
export function routeQuestion(question: string): RoutedQuestion {
  const text = question.toLowerCase().replaceAll('\u2019', "'");
  const clauses = text
    .split(CLAUSES)
    .map((clause) => clause.trim().replace(POLITE, ''))
    .filter((clause) => clause.length > 0);
  const routed = clauses.map((clause) => ({ clause, kinds: kindsOf(clause) }));
  return {
    queries: [...new Set(routed.flatMap(({ kinds }) => kinds))],
    others: routed.filter(({ clause, kinds }) => kinds.length === 0 && IS_QUESTION.test(clause)).length,
    carriesOn: CARRIES_ON.test(text.trim()),
  };
}

function kindsOf(clause: string): QueryKind[] {
  if (NEVER.some((pattern) => pattern.test(clause))) return [];
  return QUERY_KINDS.flatMap((kind) => {
    const { asks, not } = PHRASINGS[kind];
    const at = asks.map((pattern) => clause.search(pattern)).filter((index) => index >= 0);
    return at.length === 0 || not.some((pattern) => pattern.test(clause)) ? [] : [{ kind, at: Math.min(...at) }];
  })
    .sort((a, b) => a.at - b.at)
    .map(({ kind }) => kind);
}
