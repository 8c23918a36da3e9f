import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileWords } from '../../../test/arbitraries/evidence.ts';
import { anyPack } from '../../../test/arbitraries/story.ts';
import { canonicalJson } from '../../json/canonical.ts';
import { analysisBodySchema, VERDICTS } from '../analysis.ts';
import { analyseByRules } from '../rules/analyse.ts';
import { merge } from './merge.ts';

const GUARD = { canary: 'canary-7d1f', boundary: '----evidence-55aa----' };

const id = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map((number) => `E${number}`),
  fc.integer({ min: 0, max: 30 }).map((number) => `N${number}`),
  hostileWords,
);
const ids = fc.array(id, { maxLength: 4 });
const sentence = fc.oneof(
  hostileWords,
  fc.constantFrom('A process ran.', 'It is benign.', GUARD.canary, '4711', '/tmp/.x/xmrig'),
);
/** An answer that gets through as a whole, with everything added that a model has no say in. */
const accepted = fc.record({
  outcome: fc.constantFrom('analysed', 'insufficient_evidence'),
  headline: fc.constantFrom('A process ran', 'Nothing to see'),
  verdict: fc.constantFrom(...VERDICTS),
  severity: fc.constantFrom('informational', 'low'),
  severityReason: hostileWords,
  confidence: fc.constant('low'),
  actions: fc.constant([]),
  vulnerabilities: fc.constant([]),
  blastRadius: fc.constant({ entities: [], statement: 'nothing' }),
  timeline: fc.constant([]),
  suspectedInjection: fc.constant([]),
  narrative: fc.constant([{ text: 'A process ran.', kind: 'observed', evidence: ['E1'], entities: [] }]),
  techniques: fc.constant([{ id: 'T1496', rationale: 'It ran.', evidence: ['E1'] }]),
  unknowns: fc.constant([{ question: 'Who?', whyItMatters: 'So.', evidence: [] }]),
});
const adversarial = fc.oneof(
  accepted,
  fc.jsonValue(),
  fc.record({
    outcome: fc.constantFrom('analysed', 'insufficient_evidence', 'declined'),
    headline: sentence,
    verdict: fc.constantFrom(...VERDICTS),
    severity: fc.constant('informational'),
    actions: fc.constant([{ action: 'kubernetes.remove-role-binding', target: 'N1', parameters: [] }]),
    vulnerabilities: fc.constant([]),
    narrative: fc.array(
      fc.record({ text: sentence, kind: fc.constantFrom('observed', 'inferred'), evidence: ids, entities: ids }),
      { maxLength: 5 },
    ),
    techniques: fc.array(
      fc.record({ id: fc.constantFrom('T1496', 'T1105', 'T9999'), rationale: sentence, evidence: ids }),
      { maxLength: 3 },
    ),
    unknowns: fc.array(fc.record({ question: sentence, whyItMatters: sentence, evidence: ids }), { maxLength: 3 }),
  }),
);

describe('merge, with a model that is fully in an attacker’s hand', () => {
  it('leaves everything that leads to an action byte-identical to the rules (rule 1)', () => {
    fc.assert(
      fc.property(anyPack, adversarial, (any, answer) => {
        const own = analyseByRules(any);
        const { body } = merge(own, answer, any, GUARD);
        const { headline: _h, narrative: _n, unknowns: _u, techniques: _t, ...decisive } = body;
        const { headline: _rh, narrative: _rn, unknowns: _ru, techniques: _rt, ...expected } = own;
        expect(canonicalJson(decisive)).toBe(canonicalJson(expected));
        expect(body.techniques.map(({ rationale: _, ...rest }) => rest)).toEqual(
          own.techniques.map(({ rationale: _, ...rest }) => rest),
        );
        expect(canonicalJson(body.unknowns.slice(0, own.unknowns.length))).toBe(canonicalJson(own.unknowns));
      }),
      { numRuns: 200 },
    );
  });

  it('lets no sentence through whose evidence or entities do not resolve, or that holds an address or markup', () => {
    fc.assert(
      fc.property(anyPack, adversarial, (any, answer) => {
        const own = analyseByRules(any);
        const { body } = merge(own, answer, any, GUARD);
        expect(analysisBodySchema.safeParse(body).success).toBe(true);
        const ownTexts = new Set(own.narrative.map(({ text }) => text));
        for (const { text, evidence, entities } of body.narrative.filter((one) => !ownTexts.has(one.text))) {
          const items = any.items.filter((item) => evidence.includes(item.id));
          expect(items.length).toBe(evidence.length);
          expect(items.length).toBeGreaterThan(0);
          expect(items.flatMap((item) => item.entities)).toEqual(expect.arrayContaining(entities));
          expect(text).not.toMatch(/:\/\/|\]\(|<[a-z/!]|[\p{Cc}\p{Cf}]/iu);
          expect(text).not.toContain(GUARD.canary);
        }
      }),
      { numRuns: 200 },
    );
  });
});
