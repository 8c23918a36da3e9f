import { beforeAll, describe, expect, it } from 'vitest';
import { type AnalysisBody, VERDICTS } from '../../domain/analysis/analysis.ts';
import { merge } from '../../domain/analysis/verify/merge.ts';
import { RULE_IDS } from '../../domain/analysis/verify/rule.ts';
import { rulesWithout } from '../../domain/analysis/verify/verifier-rules.ts';
import { techniqueById } from '../../domain/attack/catalogue.ts';
import { SOURCES } from '../../domain/source.ts';
import { FAMILIES } from './attacks/families.ts';
import { buildTwin, twins } from './attacks/twins.ts';
import { type Built, build } from './golden/build.ts';
import { GOLDEN, isHeldOut } from './golden/golden.ts';
import { askWithoutModel } from './run/ask.ts';
import { evaluate, type Report } from './run/evaluate.ts';
import { gatesOf } from './run/gates.ts';
import { printReport } from './run/print.ts';
import { matches } from './scorers/evidence.ts';

describe('the golden incidents', () => {
  let built: readonly Built[];
  beforeAll(async () => {
    built = await Promise.all(GOLDEN.map(build));
  });

  it('are many, of every source and every verdict, with look-alikes and missing evidence, a third of them held out', () => {
    expect(GOLDEN.length).toBeGreaterThanOrEqual(60);
    expect(new Set(GOLDEN.map(({ id }) => id)).size).toBe(GOLDEN.length);
    expect(new Set(GOLDEN.map(({ source }) => source))).toEqual(new Set(SOURCES));
    expect(new Set(GOLDEN.map(({ expected }) => expected.verdict))).toEqual(new Set(VERDICTS));
    expect(GOLDEN.filter(({ lookAlike }) => lookAlike).length).toBeGreaterThanOrEqual(10);
    expect(GOLDEN.filter(({ expected }) => expected.abstain).length).toBeGreaterThanOrEqual(8);
    const share = GOLDEN.filter(isHeldOut).length / GOLDEN.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.45);
  });

  it('expect what can be: techniques of the catalogue, a range that is one, evidence that their packs hold', () => {
    for (const { golden, pack } of built) {
      const { techniques = [], acceptableTechniques = [], support = [], cves = [], spawned } = golden.expected;
      for (const id of [...techniques, ...acceptableTechniques])
        expect([golden.id, id, techniqueById(id) !== undefined]).toEqual([golden.id, id, true]);
      for (const { cites } of support)
        expect([golden.id, cites, pack.items.some((item) => cites.some((match) => matches(item, match)))]).toEqual([
          golden.id,
          cites,
          true,
        ]);
      for (const { cve } of cves)
        expect(pack.items.some(({ fact }) => fact.kind === 'vulnerability' && fact.cve === cve)).toBe(true);
      for (const path of spawned === undefined ? [] : [spawned.process])
        expect([golden.id, path, pack.items.some(({ fact }) => fact.kind === 'process' && fact.path === path)]).toEqual(
          [golden.id, path, true],
        );
    }
  });

  it('are the same whenever they are built', async () => {
    expect(await build(GOLDEN[0] ?? failing())).toEqual(built[0]);
  });
});

describe('the attacked twins', () => {
  it('are at least 200, of every family in three fields or more, over every golden incident', () => {
    const all = twins();
    expect(all.length).toBeGreaterThanOrEqual(200);
    for (const { name } of FAMILIES)
      expect(
        new Set(all.filter(({ family }) => family.name === name).map(({ field }) => field.name)).size,
      ).toBeGreaterThanOrEqual(3);
    expect(new Set(all.map(({ golden }) => golden.id)).size).toBe(GOLDEN.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it('differ from their clean ones in texts an attacker could have chosen, and in nothing else', async () => {
    for (const twin of twins().filter((_, index) => index % 17 === 0)) {
      const { clean, attacked } = await buildTwin(twin);
      expect(
        attacked.pack.items.map(({ id, part, source, trust, entities }) => [id, part, source, trust, entities]),
      ).toEqual(clean.pack.items.map(({ id, part, source, trust, entities }) => [id, part, source, trust, entities]));
      const changed = attacked.pack.items.filter((item, index) => item.digest !== clean.pack.items[index]?.digest);
      const labels = attacked.pack.entities.filter(
        (entity, index) => entity.label !== clean.pack.entities[index]?.label,
      );
      expect([twin.id, changed.length + labels.length > 0]).toEqual([twin.id, true]);
      for (const { trust } of changed) expect(trust).toBe('attacker_influenced');
    }
  });
});

describe('npm run eval', () => {
  let report: Report;
  beforeAll(async () => {
    report = await evaluate({ randomRuns: 3, everyTwin: 3, answerByQuery: askWithoutModel });
  }, 120_000);

  it('passes every gate', () => {
    expect(gatesOf(report).filter(({ passed }) => !passed)).toEqual([]);
  });

  it('separates what was measured from what was not', () => {
    expect(printReport(report, gatesOf(report), [])).toMatch(/quality of any model: not measured/);
  });

  it.each([
    [
      'a critical incident told low',
      (one: Report) => ({ ...one, cases: one.cases.map((golden) => ({ ...golden, belowHigh: true })) }),
    ],
    [
      'a claim without evidence',
      (one: Report) => ({ ...one, cases: one.cases.map((golden) => ({ ...golden, cited: golden.cited - 1 })) }),
    ],
    [
      'techniques that are made up',
      (one: Report) => ({
        ...one,
        cases: one.cases.map((golden) => ({ ...golden, techniques: { hits: 0, given: 5, expected: 1 } })),
      }),
    ],
    [
      'a vulnerability in the wrong thing',
      (one: Report) => ({
        ...one,
        cases: one.cases.map((golden) => ({ ...golden, vulnerabilities: { hits: 0, given: 1, expected: 1 } })),
      }),
    ],
    [
      'a look-alike called malicious',
      (one: Report) => ({
        ...one,
        cases: one.cases.map((golden) => ({
          ...golden,
          lookAlike: true,
          verdict: { ...golden.verdict, given: 'malicious' },
        })),
      }),
    ],
    [
      'a judgement without evidence',
      (one: Report) => ({
        ...one,
        cases: one.cases.map((golden) => ({ ...golden, abstention: 'asked and not done' as const })),
      }),
    ],
    ['an attack that succeeds', (one: Report) => ({ ...one, attacks: { ...one.attacks, succeeded: ['x'] } })],
    [
      'a question not answered',
      (one: Report) => ({ ...one, queries: [{ query: 'spawned' as const, held: 2, exact: 1, missed: ['x'] }] }),
    ],
  ])('fails for %s', (_name, spoil) => {
    expect(gatesOf(spoil(report)).every(({ passed }) => passed)).toBe(false);
  });

  it.each(RULE_IDS)(
    'fails without rule %s of the verifier: no other rule does its work',
    async (id) => {
      const broken = await evaluate({
        randomRuns: 0,
        everyTwin: 1_000,
        only: 'rule cases',
        merge: (rules, answer, pack, guard) => merge(rules, answer, pack, guard, rulesWithout(id)),
      });
      expect(broken.ruleCases.standing).toEqual([id]);
      expect(
        gatesOf(broken)
          .filter(({ passed }) => !passed)
          .map(({ name }) => name),
      ).toContain(`no sentences that stand although rule ${id} refuses them`);
    },
    60_000,
  );

  it('fails when nothing is verified at all: an answer as it came', async () => {
    const trusting = await evaluate({
      randomRuns: 2,
      everyTwin: 20,
      merge: (rules, answer) => ({
        body: typeof answer === 'object' && answer !== null ? { ...rules, ...narrativeOf(answer) } : rules,
      }),
    });
    const failed = gatesOf(trusting)
      .filter(({ passed }) => !passed)
      .map(({ name }) => name);
    for (const breach of [
      'unsupported ids',
      'unsupported particulars',
      'claims without evidence',
      'hidden or active text',
      'marks of the prompt',
      'talked down',
      'sentences of the rules lost',
      'attacked twins',
    ])
      expect(failed.some((name) => name.includes(breach))).toBe(true);
  }, 120_000);
});

function narrativeOf(answer: object): Partial<AnalysisBody> {
  const narrative: unknown = Object.getOwnPropertyDescriptor(answer, 'narrative')?.value;
  return Array.isArray(narrative) ? { narrative: narrative.filter(isClaim).slice(0, 40) } : {};
}

function isClaim(value: unknown): value is { text: string; kind: 'observed'; evidence: string[]; entities: string[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    typeof value.text === 'string' &&
    'evidence' in value &&
    Array.isArray(value.evidence) &&
    'entities' in value &&
    Array.isArray(value.entities)
  );
}

function failing(): never {
  throw new Error('there is no golden incident');
}
