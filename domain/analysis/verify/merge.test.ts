import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyAnswerTo } from '../../../test/arbitraries/answer.ts';
import { anyPack } from '../../../test/arbitraries/story.ts';
import type { EvidencePack } from '../../evidence/pack.ts';
import { canonicalJson } from '../../json/canonical.ts';
import { severityRank } from '../../severity.ts';
import { type AnalysisBody, analysisBodySchema } from '../analysis.ts';
import { analyseByRules } from '../rules/analyse.ts';
import { merge } from './merge.ts';

const GUARD = { canary: 'mark-00000000deadbeef', boundary: '=====nonce-0123456789=====' };
const ANSWERS = 10;
const RUNS = 110;

/** What leads to an action, and everything else a model has no say in. */
function decisive(body: AnalysisBody): string {
  const { headline: _h, headlineBy: _b, narrative: _n, rootCause: _r, unknowns: _u, techniques, ...rest } = body;
  return canonicalJson({ ...rest, techniques: techniques.map(({ rationale: _t, by: _y, ...technique }) => technique) });
}

/** Texts of a model after the verifier. */
function told(body: AnalysisBody): string[] {
  const model = <T extends { readonly by?: string | undefined }>(all: readonly T[]): T[] =>
    all.filter(({ by }) => by === 'model');
  return [
    ...(body.headlineBy === 'model' ? [body.headline] : []),
    ...model([...body.narrative, ...(body.rootCause ? [body.rootCause] : [])]).map(({ text }) => text),
    ...model(body.unknowns).flatMap(({ question, whyItMatters }) => [question, whyItMatters]),
    ...model(body.techniques).map(({ rationale }) => rationale),
  ];
}

/** Claims of a model stand on evidence that exists and holds their entities, and say what they rest on. */
function expectGrounded({ narrative, rootCause, unknowns }: AnalysisBody, pack: EvidencePack): void {
  const items = new Map(pack.items.map((item) => [item.id, item]));
  const claims = [...narrative, ...(rootCause ? [rootCause] : [])].filter(({ by }) => by === 'model');
  for (const { evidence, entities, trust } of claims) {
    const cited = evidence.flatMap((id) => items.get(id) ?? []);
    expect(cited.map(({ id }) => id)).toEqual(evidence);
    expect(cited.length).toBeGreaterThan(0);
    expect(cited.flatMap((item) => item.entities)).toEqual(expect.arrayContaining(entities));
    const alone = cited.every((item) => item.trust === 'attacker_influenced');
    expect(trust).toBe(alone ? 'attacker_influenced' : undefined);
  }
  for (const { evidence } of unknowns) for (const id of evidence) expect(items.has(id)).toBe(true);
}

function expectInert(texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toMatch(/:\/\/|\]\s*\(|!\[|<[a-z/!@]|[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/iu);
    expect(text.toLowerCase()).not.toMatch(/\bbenign\b|\bfalse positive\b|close (?:the|this) alert/);
    for (const mark of [GUARD.canary, GUARD.boundary]) expect(text).not.toContain(mark);
  }
}

const packAndAnswers = anyPack.chain((pack) => {
  const rules = analyseByRules(pack);
  return fc.tuple(
    fc.constant({ pack, rules }),
    fc.array(anyAnswerTo(pack, rules, GUARD), { minLength: ANSWERS, maxLength: ANSWERS }),
  );
});

describe('merge, with a model that is fully in an attacker’s hand', () => {
  it(`holds over ${ANSWERS * RUNS} answers of every kind: nothing decided moves, nothing told is unsupported or active`, () => {
    fc.assert(
      fc.property(packAndAnswers, ([{ pack, rules }, answers]) => {
        const expected = decisive(rules);
        const entities = new Set(pack.entities.map(({ id }) => id));
        for (const answer of answers) {
          const { body } = merge(rules, answer, pack, GUARD);
          expect(decisive(body)).toBe(expected);
          expect(analysisBodySchema.safeParse(body).success).toBe(true);
          expect(severityRank(body.severity)).toBeGreaterThanOrEqual(severityRank(pack.vendorSeverity));
          for (const { target } of body.actions) expect(entities).toContain(target);
          expectGrounded(body, pack);
          expectInert(told(body));
          // Whatever the model left out stays told by the rules.
          const kept = body.unknowns.slice(0, rules.unknowns.length).map(({ by: _, ...unknown }) => unknown);
          expect(canonicalJson(kept)).toBe(canonicalJson(rules.unknowns));
        }
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});
