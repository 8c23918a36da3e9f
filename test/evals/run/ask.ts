import { answerByQuery } from '../../../domain/ask/answer-by-query.ts';
import type { Query } from '../golden/case.ts';
import type { AnswerByQuery } from './evaluate.ts';

/** As a person would ask. */
const QUESTIONS: Readonly<Record<Query, string>> = {
  spawned: 'What spawned this process?',
  connected: 'What did it connect to?',
  changed: 'What changed before?',
  'same-image': 'Which other workloads run this image?',
  cves: 'Which CVEs apply?',
  identity: 'What may this identity do?',
};

export const askWithoutModel: AnswerByQuery = (query, pack, rules) => {
  const { kind, citations } = answerByQuery(QUESTIONS[query], pack, rules);
  return { answered: kind !== 'cannot-tell', citations };
};
