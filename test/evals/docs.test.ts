import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { analyseByRules, RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { twins } from './attacks/twins.ts';
import type { Query } from './golden/case.ts';
import { buildGolden, isHeldOut } from './golden/golden.ts';
import { scoreCase } from './run/score-case.ts';
import { type Summary, summarise, withInterval } from './run/summary.ts';
import { goldFor } from './scorers/queries.ts';

const DOCUMENT = readFileSync(new URL('../../docs/evaluation.md', import.meta.url), 'utf8');
const count = (value: number): string => value.toLocaleString('en-US');
const of = (part: number, all: number): string => `${count(part)} of ${count(all)}`;

const ROWS: Readonly<Record<string, (summary: Summary) => string>> = {
  'technique recall': ({ techniques: { counts } }) => withInterval(counts.hits, counts.expected),
  'technique precision': ({ techniques: { counts } }) => withInterval(counts.hits, counts.given),
  'critical told below high': ({ criticalBelowHigh }) => String(criticalBelowHigh.length),
  'claims that cite evidence that exists': ({ claims }) => of(claims.cited, claims.all),
  'asked-for statements, cited from the gold evidence': ({ support }) => of(support.made, support.asked),
  'ids and particulars the cited evidence does not hold': ({ faithfulness: faith }) =>
    of(faith.unsupported, faith.named),
  'no judgement where evidence is missing': ({ abstention }) => of(abstention.done, abstention.asked),
  'look-alikes called malicious': ({ falseAlarms, lookAlikes }) => of(falseAlarms.length, lookAlikes),
  'verdict exact': ({ verdictExact, cases }) => withInterval(verdictExact, cases),
  'verdict exact or acceptable': ({ verdictRight, cases }) => withInterval(verdictRight, cases),
  'severity within the expected range': ({ severityWithin, cases }) => withInterval(severityWithin, cases),
  'actions that must be recommended': ({ actions }) => of(actions.done, actions.must),
  'actions that must not be': ({ actions }) => String(actions.forbidden),
};

/** That each is answered exactly is a gate; how many there are is what the document says. */
const QUESTIONS: readonly (readonly [Query, string])[] = [
  ['spawned', 'spawned'],
  ['connected', 'connected'],
  ['changed', 'changed'],
  ['same-image', 'same image'],
  ['cves', 'CVEs'],
  ['identity', 'identity'],
];

it('docs/evaluation.md holds what `npm run eval` measures of the rules analyst now: a figure that is kept must be kept true', async () => {
  const golden = await buildGolden();
  const cases = golden.map((one) => ({
    ...scoreCase(one, analyseByRules(one.pack)),
    heldOut: isHeldOut(one.golden),
    milliseconds: 0,
  }));
  const splits = [cases.filter(({ heldOut }) => !heldOut), cases.filter(({ heldOut }) => heldOut), cases];
  const sizes = splits.map(({ length }) => length);
  const wanted = [
    `rules analyst ${RULES_VERSION},`,
    `| rules analyst | tuned on (${sizes[0]}) | held out (${sizes[1]}) | all (${sizes[2]}) |`,
    `| ${twins().length}; verdict, severity,`,
    QUESTIONS.map(
      ([query, name]) => `${name} ${golden.filter((one) => goldFor(query, one.golden, one.pack).length > 0).length}`,
    ).join(', '),
    ...Object.entries(ROWS).map(
      ([name, cell]) => `| ${name} | ${splits.map((split) => cell(summarise(split))).join(' | ')} |`,
    ),
  ];
  expect(wanted.filter((text) => !DOCUMENT.includes(text))).toEqual([]);
});
