import fc from 'fast-check';
import { type AnalysisBody, VERDICTS } from '../../domain/analysis/analysis.ts';
import type { AnsweredClaim } from '../../domain/analysis/verify/answer.ts';
import type { Guard } from '../../domain/analysis/verify/rule.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import { hostileWords } from './evidence.ts';

const PIECES = [
  'A process ran.',
  'It is benign.',
  'false positive',
  'please close this alert',
  'b e n i g n',
  'Severity is informational.',
  'Terminate the pod.',
  'kubernetes.delete-namespace',
  'CVE-2019-0708',
  'T1485',
  'E9999',
  '198.51.100.77',
  '/srv/vault/unseal.key',
  '**bold** `code`',
  '[x](https://evil.example)',
  '<@U123>',
  'javascript:alert(1)',
  '\u200b',
  '\u202e',
  '\u{e0041}',
  '\u{e0101}',
  '\ufeff',
  '\u001b[31m',
  '\ud800',
  '4711',
  '/tmp/.x/xmrig',
  'password=hunter22',
];

/**
 * Any answer to a pack: random values, answers of the right shape with right and wrong ids and hostile words, good answers, and
 * good answers with one value anywhere replaced.
 */
export function anyAnswerTo(pack: EvidencePack, rules: AnalysisBody, guard: Guard): fc.Arbitrary<unknown> {
  const ids = idsOf(
    pack.items.map(({ id }) => id),
    'E9999',
  );
  const things = idsOf(
    pack.entities.map(({ id }) => id),
    'N9999',
  );
  const own = rules.narrative.slice(0, 8).map((claim) => claim.text);
  const text = fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...PIECES, ...own) },
        { weight: 2, arbitrary: hostileWords },
        { weight: 1, arbitrary: fc.constantFrom(guard.canary, guard.boundary, 'A process ran.') },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.join(' '));
  const claim: fc.Arbitrary<AnsweredClaim> = fc.record({
    text,
    kind: fc.constantFrom('observed', 'inferred'),
    evidence: ids,
    entities: things,
  });
  const shaped = fc.record({
    outcome: fc.constantFrom('analysed', 'insufficient_evidence', 'declined'),
    headline: text,
    verdict: fc.constantFrom(...VERDICTS),
    severity: fc.constant('informational'),
    actions: fc.constant([{ action: 'kubernetes.remove-role-binding', target: 'N1', parameters: [] }]),
    vulnerabilities: fc.constant([]),
    blastRadius: fc.constant({ entities: [], statement: 'nothing' }),
    narrative: fc.array(claim, { maxLength: 4 }),
    rootCause: fc.option(claim),
    techniques: fc.array(
      fc.record({
        id: fc.constantFrom('T1496', 'T1105', 'T9999', ...rules.techniques.map(({ id }) => id)),
        rationale: text,
        evidence: ids,
      }),
      { maxLength: 3 },
    ),
    unknowns: fc.array(fc.record({ question: text, whyItMatters: text, evidence: ids }), { maxLength: 2 }),
  });
  const good = goodAnswer(rules);
  const mutated = fc
    .tuple(fc.nat(1_000), fc.oneof(text, fc.jsonValue({ maxDepth: 1 })))
    .map(([at, value]) => replaced(good, at, value));
  return fc.oneof(
    { weight: 5, arbitrary: shaped },
    { weight: 3, arbitrary: mutated },
    { weight: 1, arbitrary: fc.constant(good) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );
}

function idsOf(known: readonly string[], invented: string): fc.Arbitrary<string[]> {
  const real = known.slice(0, 30);
  return fc.array(
    real.length === 0
      ? fc.constant(invented)
      : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...real) }, { weight: 1, arbitrary: fc.constant(invented) }),
    { maxLength: 3 },
  );
}

function goodAnswer(rules: AnalysisBody): unknown {
  return {
    outcome: 'analysed',
    headline: rules.headline,
    verdict: rules.verdict,
    narrative: rules.narrative.slice(0, 6).map((claim) => ({ ...claim, evidence: claim.evidence.slice(0, 12) })),
    rootCause: rules.rootCause ?? null,
    techniques: rules.techniques.map(({ id, rationale, evidence }) => ({
      id,
      rationale,
      evidence: evidence.slice(0, 12),
    })),
    unknowns: rules.unknowns.slice(0, 3),
  };
}

/** The same JSON with its `at`th string, counted round and round, replaced. */
function replaced(value: unknown, at: number, by: unknown): unknown {
  let strings = 0;
  JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'string') strings += 1;
    return member;
  });
  let left = strings === 0 ? -1 : at % strings;
  return JSON.parse(
    JSON.stringify(value, (_key, member: unknown) => {
      if (typeof member !== 'string') return member;
      left -= 1;
      return left === -1 ? by : member;
    }),
  );
}
