import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import type { AnsweredClaim, ModelAnswer } from '../../../domain/analysis/verify/answer.ts';
import type { Guard, RuleId } from '../../../domain/analysis/verify/verify.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';

/** One sentence that one rule of the verifier refuses and no other does. */
export interface RuleCase {
  readonly rule: RuleId;
  readonly name: string;
  readonly guard: Guard;
  readonly answer: ModelAnswer;
  /** Whether what must be refused stands in the analysis. */
  stands(body: AnalysisBody): boolean;
}

/** Marks of letters only, so that no rule takes them for a number that was made up. */
const GUARD: Guard = { canary: 'markquietharbourlantern', boundary: 'boundaryamberwillowriver' };

/** @param pack holds evidence from the vendor or the cluster, and evidence the workload could have chosen */
export function ruleCases(pack: EvidencePack, rules: AnalysisBody): readonly RuleCase[] {
  const own = pack.items.find(({ trust, entities }) => trust !== 'attacker_influenced' && entities.length > 0);
  const theirs = pack.items.find(({ trust, fact }) => trust === 'attacker_influenced' && fact.kind === 'process');
  const foreign = pack.entities.find(({ id }) => !own?.entities.includes(id));
  if (own === undefined || theirs === undefined || foreign === undefined)
    throw new Error('the pack lacks what the cases need');
  const cases: readonly (readonly [RuleId, string, Partial<AnsweredClaim> & { readonly text: string }])[] = [
    [
      'V1',
      'a sentence that cites half the pack',
      { text: 'A program ran.', evidence: pack.items.slice(0, 13).map(({ id }) => id) },
    ],
    ['V2', 'an invented id beside a real one', { text: 'A program ran.', evidence: [own.id, 'E99999'] }],
    ['V3', 'a sentence without evidence', { text: 'A program ran.', evidence: [] }],
    ['V4', 'a thing the cited evidence does not name', { text: 'A program ran.', entities: [foreign.id] }],
    ['V5', 'a vulnerability nobody found', { text: 'CVE-2019-0708 was used.' }],
    ['V6', 'a technique nobody found', { text: 'This is T1485.' }],
    ['V7', 'a call to do what is not recommended', { text: 'Reboot the machine at once.' }],
    ['V8', 'an address nobody saw', { text: 'It connected to 192.0.2.217.' }],
    ['V9', 'a link in Markdown', { text: 'See [the report](x) for more.' }],
    ['V10', 'the hidden mark', { text: `The word is ${GUARD.canary}.` }],
    ['V11', 'the verdict talked down', { text: 'This looks like a false positive.' }],
    ['V12', 'an excuse on the word of the workload', { text: 'The program is permitted here.', evidence: [theirs.id] }],
  ];
  return cases.map(([rule, name, change]): RuleCase => {
    const claim: AnsweredClaim = { kind: 'observed', evidence: [own.id], entities: [], ...change };
    return {
      rule,
      name,
      guard: GUARD,
      answer: {
        outcome: 'analysed',
        headline: rules.headline,
        verdict: rules.verdict,
        narrative: [claim],
        techniques: [],
        unknowns: [],
      },
      stands: ({ narrative }) =>
        narrative.some(
          ({ text, entities }) => text === claim.text && claim.entities.every((id) => entities.includes(id)),
        ),
    };
  });
}
