import fc from 'fast-check';
import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import { VERDICTS } from '../../../domain/analysis/analysis.ts';
import type { ModelAnswer } from '../../../domain/analysis/verify/answer.ts';
import type { Guard } from '../../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';

/** Pieces an answer is made of: what the evidence says, what it does not, and what must never be told. */
const PIECES = [
  'A program ran',
  'connected to 192.0.2.217',
  'CVE-2019-0708',
  'T1485',
  'benign',
  'false positive',
  'close the alert',
  'https://collect.example/x',
  '![x](y)',
  '<b>',
  '\u200b',
  '\u202e',
  '\u{e0041}',
  '\u001b[31m',
  '/srv/vault/unseal.key',
  '0123456789abcdef0123456789abcdef',
  'password=hunter22',
  '4444',
  'N1',
  'E1',
];

/** Any answer of the agreed shape over this pack, and with one chance in five any value at all. */
export function anyAnswer(pack: EvidencePack, rules: AnalysisBody, guard: Guard): fc.Arbitrary<unknown> {
  const ids = fc.array(fc.constantFrom(...pack.items.slice(0, 40).map(({ id }) => id), 'E99999', ''), { maxLength: 6 });
  const things = fc.array(fc.constantFrom(...pack.entities.slice(0, 40).map(({ id }) => id), 'N99999'), {
    maxLength: 6,
  });
  const text = fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...PIECES, guard.canary.slice(0, 8)) },
        { weight: 3, arbitrary: fc.constantFrom(...rules.narrative.map((claim) => claim.text), 'It happened.') },
        { weight: 1, arbitrary: fc.constantFrom(guard.canary, guard.boundary) },
        { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.join(' '));
  const shaped: fc.Arbitrary<ModelAnswer> = fc.record({
    outcome: fc.constantFrom('analysed', 'insufficient_evidence', 'declined'),
    headline: text,
    verdict: fc.constantFrom(...VERDICTS),
    narrative: fc.array(
      fc.record({ text, kind: fc.constantFrom('observed', 'inferred'), evidence: ids, entities: things }),
      { maxLength: 5 },
    ),
    techniques: fc.array(
      fc.record({
        id: fc.constantFrom(...rules.techniques.map(({ id }) => id), 'T1485', 'T9999'),
        rationale: text,
        evidence: ids,
      }),
      { maxLength: 3 },
    ),
    unknowns: fc.array(fc.record({ question: text, whyItMatters: text, evidence: ids }), { maxLength: 3 }),
  });
  return fc.oneof({ weight: 4, arbitrary: shaped }, { weight: 1, arbitrary: fc.anything() });
}
