import type { Analysis } from '../analysis/analysis.ts';
import { investigate } from '../analysis/rules/investigation.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import { type Findings, type QueryKind, type Reply, replyOf, type Subject } from './answer.ts';
import { changed } from './queries/changed.ts';
import { connected } from './queries/connected.ts';
import { cves } from './queries/cves.ts';
import { identity } from './queries/identity.ts';
import type { Query } from './queries/query.ts';
import { sameImage } from './queries/same-image.ts';
import { spawned } from './queries/spawned.ts';
import { cleanQuestion } from './question.ts';
import { routeQuestion } from './route.ts';
import { type Named, namedIn, recalled } from './subject.ts';

/** What was said before in the thread, as far as a query needs it. */
export interface AskContext {
  /** What the last answer was about: `it`. */
  readonly subject?: Subject | undefined;
  readonly queries?: readonly QueryKind[] | undefined;
}

const QUERIES: Readonly<Record<QueryKind, Query>> = {
  spawned,
  connected,
  changed,
  'same-image': sameImage,
  cves,
  identity,
};

/**
 * The answer to a question that is a query over the evidence; `cannot-tell` with empty `queries` when it is none. Pure, exact,
 * and the same for the same question and evidence. A word that names nothing known is left aside, and the question is about
 * what the alert is about; an id, path, address or CVE that is not in the evidence is said to be absent.
 * @throws QuestionError (empty, too long)
 */
export function answerByQuery(
  question: string,
  pack: EvidencePack,
  analysis: Pick<Analysis, 'vulnerabilities'>,
  context: AskContext = {},
): Reply {
  const text = cleanQuestion(question);
  const investigation = investigate(pack);
  const named = namedIn(text, investigation);
  const { queries, others } = queriesOf(text, named, context);
  if (queries.length === 0) return replyOf('query', [], { sentences: [], unknowns: [NOT_A_QUERY] });
  if (named?.kind === 'absent') return replyOf('query', queries, absent(named.what));
  const about = named ?? recalled(context.subject, investigation);
  const found = queries.map((kind) => QUERIES[kind]({ investigation, analysis, named: ofUse(about) }));
  return replyOf('query', queries, joined(found, others));
}

export const LEFT_ASIDE = {
  text: 'A part of the question is no query over the evidence and was left aside.',
  evidence: [],
};
export const NOT_A_QUERY = {
  text: 'The question is none of those that are answered from the evidence without a model: what spawned a process, what it connected to, what changed before, which other workloads run the image, which CVEs apply, what the identity may do. Ask in English.',
  evidence: [],
};

function queriesOf(text: string, named: Named | undefined, { queries = [] }: AskContext) {
  const routed = routeQuestion(text);
  // `And 203.0.113.50?` asks the same of something else, and only where something else is named.
  return routed.queries.length === 0 && routed.carriesOn && named !== undefined
    ? { queries, others: 0 }
    : { queries: routed.queries, others: routed.others };
}

function ofUse(named: Named | undefined): Exclude<Named, { kind: 'absent' }> | undefined {
  return named === undefined || named.kind === 'absent' ? undefined : named;
}

function absent(what: string): Findings {
  return { sentences: [], unknowns: [{ text: `The evidence holds nothing called ${what}.`, evidence: [] }] };
}

/** Several questions at once: what one of them cannot tell stays named beside what the others can. */
function joined(found: readonly Findings[], others: number): Findings {
  const subject = found.find((one) => one.subject !== undefined)?.subject;
  return {
    sentences: distinct(found.flatMap(({ sentences }) => sentences)),
    unknowns: distinct([...found.flatMap(({ unknowns }) => unknowns), ...(others === 0 ? [] : [LEFT_ASIDE])]),
    ...(subject === undefined ? {} : { subject }),
  };
}

function distinct<T extends { readonly text: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [one.text, one])).values()];
}
