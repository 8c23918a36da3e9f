import type { EvidencePack } from '../../evidence/pack.ts';
import type { AnalysisBody, Claim } from '../analysis.ts';
import { type AnsweredClaim, type ModelAnswer, modelAnswerSchema } from './answer.ts';
import { Account, type Dropped, type Violation } from './claims.ts';
import { groundOf } from './ground.ts';
import type { Draft, Guard, Position, VerifierRule } from './rule.ts';
import { LIMITS } from './rules/v1-shape.ts';
import { VERIFIER_RULES } from './verifier-rules.ts';

export type { Dropped, Violation } from './claims.ts';
export type { Guard, RuleId, VerifierRule } from './rule.ts';

interface Judged {
  readonly dropped: Dropped;
  /** What a repair turn would ask for (repair.ts). */
  readonly violations: readonly Violation[];
}

/** What of a model's answer stands on the evidence. `ok: false`: nothing of it may be used. */
export type Verified =
  | (Judged & {
      readonly ok: true;
      readonly headline: string | undefined;
      readonly narrative: readonly Claim[];
      readonly rootCause: Claim | undefined;
      readonly unknowns: AnalysisBody['unknowns'];
      /** Technique id → the model's rationale, only for techniques the rules found. */
      readonly rationales: ReadonlyMap<string, string>;
    })
  | (Judged & { readonly ok: false; readonly reason: string });

/**
 * Checks an answer of any shape against the pack. Pure; whatever it does not understand it drops, and says so.
 * @param verifier the rules to judge by; anything but all of them is for showing that each is needed
 */
export function verifyAnswer(
  answer: unknown,
  pack: EvidencePack,
  rules: AnalysisBody,
  guard: Guard,
  verifier: readonly VerifierRule[] = VERIFIER_RULES,
): Verified {
  const parsed = modelAnswerSchema.safeParse(answer);
  if (!parsed.success) {
    const violations: Violation[] = [{ rule: 'V1', where: 'the answer' }];
    return { ok: false, reason: 'the answer has not the agreed shape', dropped: [], violations };
  }
  const account = new Account({ ground: groundOf(pack), judgement: rules, guard, rules: verifier });
  const refused = account.refused(parsed.data) ?? declined(parsed.data);
  const { dropped, violations } = account;
  if (refused !== undefined) return { ok: false, reason: refused, dropped, violations };
  return { ok: true, ...whatStands(parsed.data, rules, account), dropped, violations };
}

function declined({ outcome }: ModelAnswer): string | undefined {
  return outcome === 'declined' ? 'the model declined to analyse' : undefined;
}

const SENTENCE = { max: LIMITS.text, cites: 'must' } as const;
const QUESTION = { max: LIMITS.text, cites: 'may' } as const;

function whatStands(answer: ModelAnswer, rules: AnalysisBody, account: Account) {
  const headline = account.claim(bare(answer.headline), { where: 'headline', max: LIMITS.headline, cites: 'whole' });
  const narrative = account.claims(answer.narrative, LIMITS.claims, { ...SENTENCE, where: 'narrative' }).map(claimOf);
  const cause = answer.rootCause ?? undefined;
  // A hypothesis is never an observation.
  const rootCause = cause && account.claim({ ...cause, kind: 'inferred' }, { ...SENTENCE, where: 'root cause' });
  const unknowns = account.first(answer.unknowns, LIMITS.unknowns, 'unknowns').flatMap((unknown, index) => {
    const said = (text: string): Draft | undefined =>
      account.claim({ ...bare(text), evidence: unknown.evidence }, position(QUESTION, 'unknown', index));
    const question = said(unknown.question);
    const why = question && said(unknown.whyItMatters);
    return question === undefined || why === undefined
      ? []
      : [{ question: question.text, whyItMatters: why.text, evidence: unique(question.evidence) }];
  });
  const rationales = new Map<string, string>();
  for (const [index, { id, rationale, evidence }] of account
    .first(answer.techniques, LIMITS.claims, 'techniques')
    .entries()) {
    const at = position(SENTENCE, 'technique', index);
    const said = account.technique(id, at.where) ? account.claim({ ...bare(rationale), evidence }, at) : undefined;
    if (said !== undefined) rationales.set(id, said.text);
  }
  // An opinion it was asked for: recorded, and no reason to ask again.
  if (answer.verdict !== rules.verdict)
    account.note('V11', `verdict ${answer.verdict}`, 'the verdict comes from the rules');
  return { headline: headline?.text, narrative, rootCause: rootCause && claimOf(rootCause), unknowns, rationales };
}

function position(base: Omit<Position, 'where'>, list: string, index: number): Position {
  return { ...base, where: `${list} ${index + 1}` };
}

/** A text that is no claim of its own: what it concludes or names is not asked. */
function bare(text: string): AnsweredClaim {
  return { text, kind: 'inferred', evidence: [], entities: [] };
}

function claimOf({ text, kind, evidence, entities, trust }: Draft): Claim {
  return {
    text,
    kind,
    evidence: unique(evidence),
    entities: unique(entities),
    by: 'model',
    ...(trust === undefined ? {} : { trust }),
  };
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
