import type { Claim } from '../../domain/analysis/analysis.ts';
import { analyseByRules } from '../../domain/analysis/rules/analyse.ts';
import type { AnsweredClaim, ModelAnswer } from '../../domain/analysis/verify/answer.ts';
import type { Guard, RuleId } from '../../domain/analysis/verify/rule.ts';
import { rulesWithout, VERIFIER_RULES } from '../../domain/analysis/verify/verifier-rules.ts';
import { type Dropped, type Violation, verifyAnswer } from '../../domain/analysis/verify/verify.ts';
import type { EntityKind, EvidenceItem } from '../../domain/evidence/pack.ts';
import { cryptoMinerPack } from './crypto-miner.ts';

/** The sample story as the verifier sees it, with short ways to say one sentence about it. */
export const PACK = cryptoMinerPack();
export const RULES = analyseByRules(PACK);
export const GUARD: Guard = { canary: 'mark-00000000deadbeef', boundary: '=====nonce-0123456789=====' };

function idOf(fits: (item: EvidenceItem) => boolean): string {
  const item = PACK.items.find(fits);
  if (item === undefined) throw new Error('the story holds no such evidence');
  return item.id;
}

/** Text of the workload. */
export const MINER = idOf(({ fact }) => fact.kind === 'process' && fact.pid === 4711);
export const CONNECTION = idOf(({ fact }) => fact.kind === 'connection');
/** Of the cluster, but with labels the workload could choose. */
export const POD = idOf(({ fact }) => fact.kind === 'pod');
/** From the cluster, the scanner and the vendor. */
export const BINDING = idOf(({ fact }) => fact.kind === 'role-binding');
export const LOG4SHELL = idOf(({ fact }) => fact.kind === 'vulnerability' && fact.cve === 'CVE-2021-44228');
export const ALERT = idOf(({ fact, source }) => fact.kind === 'alert' && source !== 'alert');

/** Evidence of both kinds: what a sentence about the pod would cite. */
export const BOTH = [POD, BINDING];

export function entityOf(kind: EntityKind, label = ''): string {
  const entity = PACK.entities.find((one) => one.kind === kind && one.label.includes(label));
  if (entity === undefined) throw new Error(`the story holds no ${kind} ${label}`);
  return entity.id;
}

export function said(text: string, change: Partial<AnsweredClaim> = {}): AnsweredClaim {
  return { text, kind: 'observed', evidence: BOTH, entities: [], ...change };
}

export function answerOf(...narrative: readonly AnsweredClaim[]): ModelAnswer {
  return {
    outcome: 'analysed',
    headline: RULES.headline,
    verdict: RULES.verdict,
    narrative: [...narrative],
    rootCause: null,
    techniques: [],
    unknowns: [],
  };
}

export interface Heard {
  /** The sentence as it may be used. */
  readonly claim: Claim | undefined;
  readonly dropped: Dropped;
  readonly violations: readonly Violation[];
  /** Why nothing of the answer may be used. */
  readonly refused: string | undefined;
}

/** One sentence through the verifier; `without`: with that rule taken out. */
export function hear(claim: AnsweredClaim, without?: RuleId): Heard {
  const rules = without === undefined ? VERIFIER_RULES : rulesWithout(without);
  const verified = verifyAnswer(answerOf(claim), PACK, RULES, GUARD, rules);
  const { dropped, violations } = verified;
  if (!verified.ok) return { claim: undefined, dropped, violations, refused: verified.reason };
  return { claim: verified.narrative[0], dropped, violations, refused: undefined };
}

/** The rule that dropped a sentence; undefined when it stands. */
export function droppedBy(claim: AnsweredClaim, without?: RuleId): string | undefined {
  const { claim: stands, violations } = hear(claim, without);
  return stands === undefined ? violations[0]?.rule : undefined;
}
