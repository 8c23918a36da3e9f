import type { AnalysisBody } from './analysis.ts';

/** One thing that two analyses say differently. `decisive`: it could lead to another response. */
export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly decisive: boolean;
}

/** What a second look says differently from the first, decisions before words. */
export function differencesBetween(before: AnalysisBody, after: AnalysisBody): readonly Difference[] {
  const compare = (what: string, of: (body: AnalysisBody) => string, decisive: boolean): Difference[] =>
    of(before) === of(after) ? [] : [{ what, before: of(before), after: of(after), decisive }];
  return [
    ...compare('verdict', ({ verdict }) => verdict, true),
    ...compare('severity', ({ severity }) => severity, true),
    ...compare('actions', actions, true),
    ...compare('vulnerabilities', vulnerabilities, true),
    ...compare('techniques', techniques, false),
    ...compare('confidence', ({ confidence }) => confidence, false),
    ...compare('headline', ({ headline }) => headline, false),
    ...compare('root cause', ({ rootCause }) => rootCause?.text ?? '', false),
    ...sentences(before, after),
  ];
}

function sorted(texts: readonly string[]): string {
  return [...texts].sort().join(', ');
}

function actions(body: AnalysisBody): string {
  return sorted(body.actions.map(({ action, target }) => `${action} on ${target}`));
}

function vulnerabilities(body: AnalysisBody): string {
  return sorted(body.vulnerabilities.map(({ cve, entity, relevance }) => `${cve} in ${entity} ${relevance}`));
}

function techniques(body: AnalysisBody): string {
  return sorted(body.techniques.map(({ id }) => id));
}

/** Sentences only one of them has, each a difference of its own. */
function sentences(before: AnalysisBody, after: AnalysisBody): Difference[] {
  const said = (body: AnalysisBody): ReadonlySet<string> => new Set(body.narrative.map(({ text }) => text));
  const [first, second] = [said(before), said(after)];
  const sentence = { what: 'sentence', decisive: false };
  return [
    ...[...first].filter((text) => !second.has(text)).map((text) => ({ ...sentence, before: text, after: '' })),
    ...[...second].filter((text) => !first.has(text)).map((text) => ({ ...sentence, before: '', after: text })),
  ];
}
